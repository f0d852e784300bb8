// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/condition.h"

#include "ui/models/jobsmodel.h"
#include "ui/models/wording.h"

#include <QDateTime>

#include <algorithm>
#include <array>

namespace cring::models {

using control::BackendStatus;
using control::BackupStatus;
using control::Snapshot;

namespace {

constexpr std::array kNames{"well", "working", "paused", "degraded", "overdue", "locked", "refused", "gone"};
static_assert(kNames.size() == trayStateCount);

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::models::Condition)
};

bool isUsable(const BackendStatus &backend)
{
    return (backend.state == QStringLiteral("up") || backend.state == QStringLiteral("unknown")) &&
           backend.breaker != QStringLiteral("open");
}

qsizetype usableServers(const Snapshot &snapshot)
{
    return std::ranges::count_if(snapshot.backends, isUsable);
}

/// For tr(): its plurals are chosen by an int.
int plural(qint64 count)
{
    return static_cast<int>(std::min<qint64>(count, 1'000'000));
}

QString linkWords(const Sight &sight)
{
    using State = ServiceLink::State;
    switch (sight.link) {
    case State::Connecting:
        return Words::tr("Looking for the service");
    case State::NotRunning:
        return Words::tr("The service is not running. Start it");
    case State::Hung:
        return Words::tr("The service does not answer. It may be stopped or overloaded");
    case State::OtherVersion:
        return Words::tr("The service is another version than this window. Restart it");
    case State::Unusable:
    case State::Connected:
        break;
    }
    return Words::tr("The service cannot be used: %1").arg(sight.problem);
}

QString whyRefused(const Snapshot &snapshot)
{
    const qsizetype all = snapshot.backends.size();
    const qsizetype usable = usableServers(snapshot);
    if (snapshot.draining)
        return Words::tr("The service is stopping: it finishes what is under way");
    if (all == 0)
        return Words::tr("No servers yet. Add two to start protecting files");
    if (!snapshot.recordsProblem.isEmpty())
        return Words::tr("Uploads and deletes are refused: %1").arg(snapshot.recordsProblem);
    if (usable == 0)
        return Words::tr("None of %n server(s) can be used: uploads and downloads fail", nullptr,
                         plural(all));
    return Words::tr("%1 of %n server(s) up: uploads fail", nullptr, plural(all))
        .arg(Wording::number(usable));
}

QString serverTrouble(const BackendStatus &backend, qint64 nowMs)
{
    if (backend.state == QStringLiteral("misconfigured"))
        return Words::tr("%1 is no copy of the others: %2").arg(backend.name, backend.reason);
    if (backend.state == QStringLiteral("down"))
        return Words::tr("%1 down for %2").arg(backend.name, Wording::age(backend.sinceMs, nowMs));
    return Words::tr("%1 fails requests").arg(backend.name);
}

class Judgement
{
public:
    explicit Judgement(const Sight &sight)
        : m_sight(sight)
        , m_snapshot(*sight.snapshot)
    {
    }

    QList<Cause> causes()
    {
        if (!m_snapshot.writesPossible && !mayStillTurnOutWell())
            add(TrayState::Refused, whyRefused(m_snapshot));
        lookAtServers();
        for (const BackupStatus &backup : m_snapshot.backups)
            lookAt(backup);
        lookAtRest();
        lookAtWork();
        if (m_causes.isEmpty())
            add(TrayState::Well, wellWords());
        std::ranges::stable_sort(m_causes, std::ranges::greater(), &Cause::state);
        return m_causes;
    }

private:
    void add(TrayState state, const QString &text, const QString &server = {}, const QString &about = {})
    {
        m_causes.append({state, text, server, about.isEmpty() ? server : about});
    }

    void add(TrayState state, const QString &text, const BackupStatus &backup)
    {
        add(state, text, {}, QStringLiteral("backup ") + backup.id);
    }

    QString goesOn(const QString &trouble) const
    {
        return m_snapshot.writesPossible ? Words::tr("%1. Uploads go on").arg(trouble) : trouble;
    }

    void lookAtServers()
    {
        qsizetype unknown = 0;
        for (const BackendStatus &backend : m_snapshot.backends) {
            if (!isUsable(backend))
                add(TrayState::Degraded, goesOn(serverTrouble(backend, m_snapshot.takenMs)), backend.name);
            else if (backend.unknownAccounts > 0)
                add(TrayState::Degraded,
                    Words::tr("%1 does not know %n account(s)", nullptr, plural(backend.unknownAccounts))
                        .arg(backend.name),
                    backend.name);
            unknown += backend.state == QStringLiteral("unknown") ? 1 : 0;
        }
        if (unknown > 0)
            add(TrayState::Working,
                Words::tr("Looking at %n server(s) for the first time", nullptr, plural(unknown)));
    }

    void lookAt(const BackupStatus &backup)
    {
        using std::chrono::milliseconds;
        const milliseconds waits(m_snapshot.takenMs - backup.oldestMs.value_or(m_snapshot.takenMs));
        const milliseconds lasts(m_snapshot.takenMs - backup.reasonSinceMs.value_or(m_snapshot.takenMs));
        if (backup.state == QStringLiteral("locked"))
            add(TrayState::Locked,
                Words::tr("The backup %1 waits for its keys: %2").arg(backup.name, backup.reason), backup);
        if (waits >= m_sight.overdueAfter)
            add(TrayState::Overdue,
                Words::tr("No backup to %1 for %2").arg(backup.name, Wording::duration(waits)), backup);
        if (backup.heldDeletes > 0)
            add(TrayState::Degraded,
                Words::tr("The backup %1 holds %n delete(s) back until you decide", nullptr,
                          plural(backup.heldDeletes))
                    .arg(backup.name),
                backup);
        if (backup.state != QStringLiteral("locked") && !backup.reason.isEmpty() && lasts >= backupPatience)
            add(TrayState::Degraded,
                Words::tr("No backup to %1 for %2: %3")
                    .arg(backup.name, Wording::duration(lasts), backup.reason),
                backup);
        if (!backup.objectsProblem.isEmpty() && waits >= backupPatience)
            add(TrayState::Degraded,
                Words::tr("Not everything is backed up to %1: %2").arg(backup.name, backup.objectsProblem),
                backup);
    }

    void lookAtRest()
    {
        if (m_snapshot.findings > 0)
            add(TrayState::Degraded,
                Words::tr("%n finding(s) of the last check wait for you", nullptr,
                          plural(m_snapshot.findings)),
                {}, Cause::aboutFindings);
        if (!m_snapshot.accounts.clashes.isEmpty())
            add(TrayState::Degraded,
                Words::tr("%n clash(es) of accounts wait for you", nullptr,
                          plural(m_snapshot.accounts.clashes.size())),
                {}, Cause::aboutClashes);
        const bool told = std::ranges::any_of(
            m_causes, [](const Cause &cause) { return cause.state >= TrayState::Degraded; });
        if (!told && m_snapshot.health != control::Health::Well && !isFirstLook())
            add(TrayState::Degraded, m_snapshot.verdict); // A newer service knows of more.
        if (m_snapshot.paused)
            add(TrayState::Paused, pauseWords());
    }

    /// A service that has just started refuses uploads until it has seen a quorum of its servers: nothing is
    /// wrong before it has looked.
    bool mayStillTurnOutWell() const
    {
        return isFirstLook() && !m_snapshot.draining && m_snapshot.recordsProblem.isEmpty() &&
               usableServers(m_snapshot) >= std::max(1, m_snapshot.quorum);
    }

    bool isFirstLook() const
    {
        return std::ranges::any_of(m_snapshot.backends, [](const BackendStatus &one) {
            return one.state == QStringLiteral("unknown");
        });
    }

    qint64 backupDebt() const
    {
        qint64 debt = 0;
        for (const BackupStatus &backup : m_snapshot.backups)
            debt += backup.owed + backup.owedDeletes;
        return debt;
    }

    QString pauseWords() const
    {
        QString text = Words::tr("Paused until you resume");
        if (m_snapshot.pausedBy == QStringList{QStringLiteral("metered")}) {
            text = Words::tr("Paused while the network is metered");
        } else if (m_snapshot.pausedUntilMs) {
            const QDateTime until = QDateTime::fromMSecsSinceEpoch(*m_snapshot.pausedUntilMs);
            const bool today = *m_snapshot.pausedUntilMs - m_snapshot.takenMs <
                               std::chrono::milliseconds(std::chrono::hours(24)).count();
            text = Words::tr("Paused until %1")
                       .arg(QLocale().toString(until, today ? QStringLiteral("HH:mm")
                                                            : QStringLiteral("ddd HH:mm")));
        }
        if (const qint64 debt = backupDebt(); debt > 0)
            text = Words::tr("%1; backup behind by %2").arg(text, Wording::files(debt));
        return text;
    }

    void lookAtWork()
    {
        for (const control::JobStatus &job : m_snapshot.jobs) {
            if (job.state == QStringLiteral("running"))
                add(TrayState::Working, jobWords(job));
        }
        if (m_snapshot.paused)
            return;
        for (const BackendStatus &backend : m_snapshot.backends) {
            if (backend.owed > 0 && isUsable(backend) && backend.unknownAccounts == 0)
                add(TrayState::Working,
                    Words::tr("Bringing %1 to %2").arg(Wording::files(backend.owed), backend.name));
        }
        for (const BackupStatus &backup : m_snapshot.backups) {
            if (backup.state == QStringLiteral("working") && backup.owed + backup.owedDeletes > 0)
                add(TrayState::Working,
                    Words::tr("Backing up %1 to %2")
                        .arg(Wording::files(backup.owed + backup.owedDeletes), backup.name));
        }
    }

    QString jobWords(const control::JobStatus &job) const
    {
        const QString kind = jobKindWords(job.kind);
        if (!job.total)
            return Words::tr("%1: %2 done").arg(kind, Wording::number(job.done));
        const QString text =
            Words::tr("%1: %2 of %3").arg(kind, Wording::number(job.done), Wording::number(*job.total));
        const auto left = m_sight.timeLeft.constFind(job.id);
        return left == m_sight.timeLeft.constEnd()
                   ? text
                   : Words::tr("%1, about %2").arg(text, Wording::duration(*left));
    }

    QString wellWords() const
    {
        const int all = static_cast<int>(m_snapshot.backends.size());
        QString text =
            Words::tr("%1 of %n server(s)", nullptr, all).arg(Wording::number(usableServers(m_snapshot)));
        if (isCountedAndComplete())
            text = Words::tr("%1, every file on %2").arg(text, Wording::number(m_snapshot.replicas));
        else
            text = Words::tr("%1, each upload goes to %2").arg(text, Wording::number(m_snapshot.replicas));
        std::optional<qint64> verified;
        for (const BackupStatus &backup : m_snapshot.backups)
            verified = std::max(verified, backup.verifiedMs); // The latest.
        if (verified)
            text = Words::tr("%1. Backup verified %2 ago")
                       .arg(text, Wording::age(*verified, m_snapshot.takenMs));
        return text;
    }

    bool isCountedAndComplete() const
    {
        const QList<qint64> &copies = m_snapshot.copies;
        if (copies.size() <= m_snapshot.replicas)
            return false;
        return std::all_of(copies.begin(), copies.begin() + m_snapshot.replicas,
                           [](qint64 files) { return files == 0; }) &&
               std::any_of(copies.begin() + m_snapshot.replicas, copies.end(),
                           [](qint64 files) { return files > 0; });
    }

    const Sight &m_sight;
    const Snapshot &m_snapshot;
    QList<Cause> m_causes;
};

} // namespace

QString trayStateName(TrayState state)
{
    return QString::fromLatin1(kNames.at(static_cast<size_t>(state)));
}

QString Condition::toolTip() const
{
    constexpr qsizetype kMost = 5;
    QStringList lines;
    for (const Cause &cause : causes.first(std::min(kMost, causes.size())))
        lines.append(cause.text);
    if (causes.size() > kMost)
        lines.append(Words::tr("and %n more", nullptr, static_cast<int>(causes.size() - kMost)));
    return lines.join(u'\n');
}

Condition condition(const Sight &sight)
{
    if (sight.link != ServiceLink::State::Connected || !sight.snapshot) {
        const bool isGone =
            sight.link == ServiceLink::State::NotRunning || sight.link == ServiceLink::State::Hung;
        return {{{TrayState::Gone, linkWords(sight), {}, isGone ? QString(Cause::aboutService) : QString()}}};
    }
    return {Judgement(sight).causes()};
}

} // namespace cring::models
