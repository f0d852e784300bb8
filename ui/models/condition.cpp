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
using control::isUsable;
using control::Snapshot;
using control::Trouble;
using control::TroubleKind;
using control::usableServers;

namespace {

constexpr std::array kNames{"well", "working", "paused", "degraded", "overdue", "locked", "refused", "gone"};
static_assert(kNames.size() == trayStateCount);

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::models::Condition)
};

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
        for (const Trouble &trouble : control::troublesOf(m_snapshot, m_sight.overdueAfter))
            add(trouble);
        lookAtRest();
        lookAtWork();
        if (m_causes.isEmpty())
            add(TrayState::Well, wellWords());
        std::ranges::stable_sort(m_causes, std::ranges::greater(), &Cause::state);
        return m_causes;
    }

private:
    void add(TrayState state, const QString &text) { m_causes.append({state, text, {}}); }

    void add(const Trouble &trouble)
    {
        const bool isServers =
            trouble.kind == TroubleKind::ServerUnusable || trouble.kind == TroubleKind::AccountsUnknown;
        m_causes.append({stateOf(trouble.topic), wordsOf(trouble),
                         isServers ? m_snapshot.backends.at(trouble.place).name : QString(), trouble.about});
    }

    static TrayState stateOf(control::Topic topic)
    {
        switch (topic) {
        case control::Topic::WritesRefused:
            return TrayState::Refused;
        case control::Topic::BackupOverdue:
            return TrayState::Overdue;
        case control::Topic::KeychainLocked:
            return TrayState::Locked;
        case control::Topic::Degraded:
        case control::Topic::DamageFound:
            break;
        }
        return TrayState::Degraded;
    }

    QString wordsOf(const Trouble &trouble) const
    {
        switch (trouble.kind) {
        case TroubleKind::WritesRefused:
            return whyRefused(m_snapshot);
        case TroubleKind::ServerUnusable:
            return goesOn(serverTrouble(m_snapshot.backends.at(trouble.place), m_snapshot.takenMs));
        case TroubleKind::AccountsUnknown:
            return Words::tr("%1 does not know %n account(s)", nullptr, plural(trouble.count))
                .arg(m_snapshot.backends.at(trouble.place).name);
        case TroubleKind::Findings:
            return Words::tr("%n finding(s) of the last check wait for you", nullptr, plural(trouble.count));
        case TroubleKind::AccountsClash:
            return Words::tr("%n clash(es) of accounts wait for you", nullptr, plural(trouble.count));
        case TroubleKind::UnknownToThisOne:
            return m_snapshot.verdict;
        default:
            return wordsOf(trouble, m_snapshot.backups.at(trouble.place));
        }
    }

    static QString wordsOf(const Trouble &trouble, const BackupStatus &backup)
    {
        switch (trouble.kind) {
        case TroubleKind::BackupLocked:
            return Words::tr("The backup %1 waits for its keys: %2").arg(backup.name, backup.reason);
        case TroubleKind::BackupOverdue:
            return Words::tr("No backup to %1 for %2").arg(backup.name, Wording::duration(trouble.lasts));
        case TroubleKind::DeletesHeld:
            return Words::tr("The backup %1 holds %n delete(s) back until you decide", nullptr,
                             plural(trouble.count))
                .arg(backup.name);
        case TroubleKind::BackupStuck:
            return Words::tr("No backup to %1 for %2: %3")
                .arg(backup.name, Wording::duration(trouble.lasts), backup.reason);
        case TroubleKind::DrillFailed:
            return Words::tr("The last restore drill of %1 failed: %2")
                .arg(backup.name, backup.drill.problem);
        default:
            return Words::tr("Not everything is backed up to %1: %2").arg(backup.name, backup.objectsProblem);
        }
    }

    QString goesOn(const QString &trouble) const
    {
        return m_snapshot.writesPossible ? Words::tr("%1. Uploads go on").arg(trouble) : trouble;
    }

    void lookAtRest()
    {
        const qsizetype unknown =
            std::ranges::count(m_snapshot.backends, QStringLiteral("unknown"), &BackendStatus::state);
        if (unknown > 0)
            add(TrayState::Working,
                Words::tr("Looking at %n server(s) for the first time", nullptr, plural(unknown)));
        if (m_snapshot.paused)
            add(TrayState::Paused, pauseWords());
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
