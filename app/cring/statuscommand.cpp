// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/statuscommand.h"

#include "app/cring/pausecommand.h"
#include "core/base/words.h"

#include <cmath>

namespace cring::app {

using control::BackendStatus;
using control::Health;
using control::RequestStatus;
using control::Snapshot;

namespace {

/// Below this a clock that differs is not worth a person's eye.
constexpr qint64 shownSkewMs = 1'000;

QString since(qint64 thenMs, qint64 nowMs)
{
    return thenMs > 0 ? words::duration(std::chrono::milliseconds(nowMs - thenMs)) : QStringLiteral("-");
}

Tone toneOf(const BackendStatus &backend)
{
    if (backend.state == QStringLiteral("up"))
        return backend.breaker == QStringLiteral("closed") ? Tone::Good : Tone::Warning;
    return backend.state == QStringLiteral("unknown") ? Tone::Warning : Tone::Bad;
}

Tone toneOf(Health health)
{
    switch (health) {
    case Health::Well:
        return Tone::Good;
    case Health::Degraded:
        return Tone::Warning;
    case Health::Refusing:
        break;
    }
    return Tone::Bad;
}

QString stateWords(const BackendStatus &backend)
{
    if (backend.state == QStringLiteral("up") && backend.breaker != QStringLiteral("closed"))
        return QStringLiteral("up, failing");
    return backend.state;
}

QString clockWords(const BackendStatus &backend)
{
    if (!backend.clockSkewMs)
        return QStringLiteral("-");
    if (std::abs(*backend.clockSkewMs) < shownSkewMs)
        return QStringLiteral("ok");
    const QString amount = words::duration(std::chrono::milliseconds(std::abs(*backend.clockSkewMs)));
    return (*backend.clockSkewMs > 0 ? u'+' : u'-') + amount;
}

QString requestTable(const Terminal &terminal, const Snapshot &snapshot)
{
    PaintedTable table;
    for (const RequestStatus &status : snapshot.requests) {
        if (status.done + status.refused + status.failed + status.abandoned + status.inFlight == 0)
            continue;
        if (table.isEmpty()) {
            table.addRow({{QStringLiteral("REQUESTS"), Tone::Faint},
                          {QStringLiteral("ACTIVE"), Tone::Faint, true},
                          {QStringLiteral("DONE"), Tone::Faint, true},
                          {QStringLiteral("REFUSED"), Tone::Faint, true},
                          {QStringLiteral("FAILED"), Tone::Faint, true},
                          {QStringLiteral("ABANDONED"), Tone::Faint, true}});
        }
        const auto number = [](qint64 count, Tone tone = Tone::Plain) {
            return PaintedTable::Cell{QString::number(count), count > 0 ? tone : Tone::Plain, true};
        };
        table.addRow({{status.kind},
                      number(status.inFlight),
                      number(status.done),
                      number(status.refused),
                      number(status.failed, Tone::Bad),
                      number(status.abandoned)});
    }
    return table.isEmpty() ? QString() : u'\n' + table.toString(terminal);
}

/// "1200 files: 1196 on 3 servers, 4 on 2".
QString dispersion(const Terminal &terminal, const Snapshot &snapshot)
{
    qint64 files = 0;
    QStringList parts;
    for (qsizetype servers = snapshot.copies.size() - 1; servers >= 0; --servers) {
        const qint64 count = snapshot.copies[servers];
        files += count;
        if (count == 0)
            continue;
        const QString unit = parts.isEmpty()
                                 ? (servers == 1 ? QStringLiteral(" server") : QStringLiteral(" servers"))
                                 : QString();
        const Tone tone = servers >= snapshot.replicas ? Tone::Plain
                          : servers > 1                ? Tone::Warning
                                                       : Tone::Bad;
        parts << terminal.paint(tone, QStringLiteral("%1 on %2").arg(count).arg(servers)) + unit;
    }
    const QString all = files == 1 ? QStringLiteral("1 file") : QStringLiteral("%1 files").arg(files);
    return all + (parts.isEmpty() ? QString() : QStringLiteral(": ") + parts.join(QStringLiteral(", "))) +
           u'\n';
}

QString membershipWords(const BackendStatus &backend)
{
    if (backend.membership == QStringLiteral("returned"))
        return QStringLiteral("was left out, and is gone through");
    if (backend.membership == QStringLiteral("joined"))
        return QStringLiteral("is new, and is gone through");
    if (backend.membership != QStringLiteral("draining"))
        return {};
    if (!backend.needed)
        return QStringLiteral("is drained");
    return *backend.needed == 0 && backend.owed == 0
               ? QStringLiteral("is drained: can be removed")
               : QStringLiteral("is drained: %1 to go").arg(words::counted(*backend.needed, "file"));
}

/// Where the copies are; nothing before they have been counted.
QString copiesTable(const Terminal &terminal, const Snapshot &snapshot)
{
    if (snapshot.copies.isEmpty())
        return {};
    PaintedTable table;
    table.addRow({{QStringLiteral("COPIES"), Tone::Faint},
                  {QStringLiteral("FILES"), Tone::Faint, true},
                  {QStringLiteral("MISSING"), Tone::Faint, true},
                  {QStringLiteral("EXTRA"), Tone::Faint, true},
                  {QStringLiteral("OWED"), Tone::Faint, true},
                  {}});
    for (const BackendStatus &backend : snapshot.backends) {
        const auto number = [](qint64 count, Tone tone = Tone::Plain) {
            return PaintedTable::Cell{QString::number(count), count > 0 ? tone : Tone::Plain, true};
        };
        table.addRow({{backend.name},
                      number(backend.files.value_or(0)),
                      number(backend.missing.value_or(0), Tone::Warning),
                      number(backend.extra.value_or(0)),
                      number(backend.owed, Tone::Warning),
                      {membershipWords(backend)}});
    }
    return u'\n' + table.toString(terminal) + dispersion(terminal, snapshot);
}

/// Who is left out of the accounts' rounds, what a person has to decide, and who answers by SSH.
QString accountLines(const Terminal &terminal, const Snapshot &snapshot)
{
    const auto line = [&](const QString &text) {
        return terminal.paint(Tone::Warning, QStringLiteral("Accounts:")) + u' ' + text + u'\n';
    };
    QString text;
    for (const control::LeftOut &one : snapshot.accounts.leftOut)
        text += line(QStringLiteral("%1 is left out: %2").arg(plain(one.server), plain(one.reason)));
    for (const QString &clash : snapshot.accounts.clashes)
        text += line(plain(clash));
    const control::StandbyStatus &standby = snapshot.standby;
    if (standby.standingIn)
        text += terminal.paint(Tone::Warning, QStringLiteral("Standby:")) +
                QStringLiteral(" no server takes SSH sessions, the service answers in their place (%1)\n")
                    .arg(words::counted(standby.logins, "login"));
    else if (standby.sessions > 0)
        text += QStringLiteral("Standby: %1, %2 turned away, %3 signed\n")
                    .arg(words::counted(standby.logins, "login"))
                    .arg(standby.turnedAway)
                    .arg(words::counted(standby.tokens, "token"));
    return text;
}

/// One line for each bucket.
QString backupLines(const Terminal &terminal, const Snapshot &snapshot)
{
    QString text;
    for (const control::BackupStatus &backup : snapshot.backups) {
        const bool behind = backup.owed + backup.owedDeletes > 0;
        QStringList parts;
        if (behind) {
            parts << QStringLiteral("behind by %1, %2, for %3")
                         .arg(words::counted(backup.owed + backup.owedDeletes, "change"),
                              words::bytes(backup.owedBytes),
                              words::duration(std::chrono::milliseconds(
                                  snapshot.takenMs - backup.oldestMs.value_or(snapshot.takenMs))));
        } else {
            parts << QStringLiteral("%1, all that there is").arg(words::counted(backup.objects, "object"));
        }
        if (backup.state != QStringLiteral("idle") && backup.state != QStringLiteral("working"))
            parts << backup.state;
        if (!backup.reason.isEmpty())
            parts << plain(backup.reason);
        if (backup.heldDeletes > 0)
            parts << QStringLiteral("%1 held for a person (`cring backup release`, `cring backup discard`)")
                         .arg(words::counted(backup.heldDeletes, "delete"));
        const bool bad = behind || !backup.reason.isEmpty();
        text += terminal.paint(bad ? Tone::Warning : Tone::Plain,
                               QStringLiteral("Backup %1:").arg(plain(backup.name))) +
                u' ' + parts.join(QStringLiteral("; ")) + u'\n';
    }
    return text;
}

/// What goes on behind the requests: what servers are owed, jobs, a pause.
QString backgroundLines(const Terminal &terminal, const Snapshot &snapshot)
{
    QStringList owed;
    for (const BackendStatus &backend : snapshot.backends) {
        if (backend.owed > 0)
            owed.append(QStringLiteral("%1 to %2").arg(backend.owed).arg(plain(backend.name)));
    }
    QString text;
    if (!snapshot.recordsProblem.isEmpty())
        text += terminal.paint(Tone::Bad, QStringLiteral("Records:")) + u' ' +
                plain(snapshot.recordsProblem) + u'\n';
    for (const BackendStatus &backend : snapshot.backends) {
        if (backend.unknownAccounts > 0)
            text += terminal.paint(Tone::Warning, QStringLiteral("Accounts:")) +
                    QStringLiteral(" %1 does not know %2: nothing of theirs is stored there until it does\n")
                        .arg(plain(backend.name), words::counted(backend.unknownAccounts, "account"));
    }
    text += accountLines(terminal, snapshot);
    text += backupLines(terminal, snapshot);
    if (snapshot.findings > 0)
        text += terminal.paint(Tone::Warning, QStringLiteral("Findings:")) +
                QStringLiteral(" %1 for a person to decide; `cring findings list` shows %2\n")
                    .arg(snapshot.findings)
                    .arg(snapshot.findings == 1 ? QStringLiteral("it") : QStringLiteral("them"));
    if (!owed.isEmpty()) {
        text += terminal.paint(Tone::Warning, QStringLiteral("Owed:")) + u' ' +
                owed.join(QStringLiteral(", ")) + QStringLiteral("; `cring queue list` shows it\n");
    }
    if (snapshot.spoolFiles > 0) {
        text += terminal.paint(Tone::Warning, QStringLiteral("Spool:")) +
                QStringLiteral(" %1 on this machine's disk until the servers have them, %2 of %3\n")
                    .arg(snapshot.spoolFiles == 1 ? QStringLiteral("1 upload")
                                                  : QStringLiteral("%1 uploads").arg(snapshot.spoolFiles),
                         words::bytes(snapshot.spoolBytes), words::bytes(snapshot.spoolBudget));
    }
    for (const control::JobStatus &job : snapshot.jobs) {
        const QString total = job.total ? QStringLiteral(" of %1").arg(*job.total) : QString();
        const bool rests = snapshot.paused && job.state == QStringLiteral("running");
        text +=
            QStringLiteral("Job %1 (%2, %3): %4, %5%6\n")
                .arg(job.id)
                .arg(plain(job.kind), rests ? QStringLiteral("paused") : plain(job.state), plain(job.phase))
                .arg(job.done)
                .arg(total);
    }
    if (snapshot.paused) {
        const bool isMetered = snapshot.pausedBy == QStringList{QStringLiteral("metered")};
        text += terminal.paint(Tone::Warning, QStringLiteral("Paused:")) +
                QStringLiteral(" background work rests until %1\n")
                    .arg(isMetered ? QStringLiteral("the network is no metered one; `cring resume` ends that")
                         : snapshot.pausedUntilMs ? untilWords(*snapshot.pausedUntilMs, snapshot.takenMs) +
                                                        QStringLiteral("; `cring resume` ends that")
                                                  : QStringLiteral("`cring resume`"));
    }
    return text.isEmpty() ? text : u'\n' + text;
}

QString notes(const Terminal &terminal, const Snapshot &snapshot)
{
    QString text;
    if (snapshot.bytesIn + snapshot.bytesOut > 0) {
        text += QStringLiteral("\n%1 in, %2 out")
                    .arg(words::bytes(snapshot.bytesIn), words::bytes(snapshot.bytesOut));
        if (snapshot.failovers > 0)
            text += QStringLiteral("; %1 went on with another server")
                        .arg(words::counted(snapshot.failovers, "read"));
        if (snapshot.rollbacks > 0)
            text +=
                QStringLiteral("; %1 taken back").arg(words::counted(snapshot.rollbacks, "refused write"));
        if (snapshot.inDoubt > 0)
            text += QStringLiteral("; %1 in doubt")
                        .arg(words::counted(snapshot.inDoubt, "copy was", "copies were"));
        text += u'\n';
    }
    if (snapshot.conflicts > 0)
        text += QStringLiteral("\n%1 of files kept aside: see `cring conflicts list`\n")
                    .arg(snapshot.conflicts == 1 ? QStringLiteral("1 version")
                                                 : QStringLiteral("%1 versions").arg(snapshot.conflicts));
    if (!snapshot.warnings.isEmpty())
        text += u'\n';
    for (const QString &warning : snapshot.warnings)
        text += terminal.paint(Tone::Warning, QStringLiteral("Warning:")) + u' ' + plain(warning) + u'\n';
    return text;
}

} // namespace

QString backendTable(const Terminal &terminal, const QList<BackendStatus> &backends, qint64 nowMs)
{
    PaintedTable table;
    const auto heading = [](const char *text, bool right = false) {
        return PaintedTable::Cell{QString::fromLatin1(text), Tone::Faint, right};
    };
    table.addRow({heading("SERVER"), heading("STATE"), heading("FOR", true), heading("LATENCY", true),
                  heading("CLOCK", true), heading("ACTIVE", true), heading("ERRORS", true), heading("")});
    for (const BackendStatus &backend : backends) {
        const QString name = backend.primary ? backend.name + QStringLiteral(" *") : backend.name;
        // What a server that is away once took tells nothing about now.
        const bool current = backend.latencyMs && backend.state == QStringLiteral("up");
        const QString latency =
            current ? QStringLiteral("%1 ms").arg(*backend.latencyMs) : QStringLiteral("-");
        table.addRow({{name, Tone::Strong},
                      {stateWords(backend), toneOf(backend)},
                      {since(backend.sinceMs, nowMs), Tone::Plain, true},
                      {latency, Tone::Plain, true},
                      {clockWords(backend), Tone::Plain, true},
                      {QString::number(backend.outstanding), Tone::Plain, true},
                      {QString::number(backend.errors), Tone::Plain, true},
                      {backend.reason}});
    }
    return table.toString(terminal);
}

QString statusPage(const Terminal &terminal, const Snapshot &snapshot)
{
    QString page = terminal.paint(toneOf(snapshot.health), plain(snapshot.verdict)) + QStringLiteral(".\n\n");
    page += backendTable(terminal, snapshot.backends, snapshot.takenMs);
    page +=
        terminal.paint(Tone::Faint, QStringLiteral("* primary: accounts and SSH sessions go there")) + u'\n';
    page += copiesTable(terminal, snapshot);
    page += requestTable(terminal, snapshot);
    page += backgroundLines(terminal, snapshot);
    page += notes(terminal, snapshot);
    page += QStringLiteral("\ncring %1, pid %2, for %3: %4, %5 copies, quorum %6; HTTP %7, SSH %8")
                .arg(plain(snapshot.version))
                .arg(snapshot.pid)
                .arg(since(snapshot.startedMs, snapshot.takenMs), plain(snapshot.mode))
                .arg(snapshot.replicas)
                .arg(snapshot.quorum)
                .arg(plain(snapshot.httpAddress), plain(snapshot.sshAddress));
    if (!snapshot.metricsAddress.isEmpty())
        page += QStringLiteral(", metrics %1").arg(plain(snapshot.metricsAddress));
    if (snapshot.accounts.roundMs)
        page += QStringLiteral("; %1, made equal %2 ago")
                    .arg(words::counted(snapshot.accounts.count, "account"),
                         since(*snapshot.accounts.roundMs, snapshot.takenMs));
    page += u'\n';
    return page;
}

StatusCommand::StatusCommand(ServiceCommandContext context, Options options)
    : ServiceCommand(std::move(context))
    , m_options(options)
{
}

void StatusCommand::handleOpened(const control::ServiceInfo &)
{
    if (m_options.watch)
        call(QStringLiteral("status.subscribe"), {}, [](const QJsonObject &) {});
    else
        call(QStringLiteral("status"), {}, [this](const QJsonObject &result) { show(result); });
}

void StatusCommand::handleNotified(const QString &method, const QJsonObject &params)
{
    if (method == QStringLiteral("status"))
        show(params);
}

void StatusCommand::handleClosed(const Error &reason)
{
    if (m_options.watch)
        reconnectSoon(reason);
    else
        fail(reason);
}

void StatusCommand::show(const QJsonObject &object)
{
    const Result<Snapshot> snapshot = Snapshot::fromJson(object);
    if (!snapshot) {
        fail(snapshot.error());
        return;
    }
    if (json()) {
        printJson(object);
    } else {
        if (m_options.watch)
            terminal().clear();
        print(statusPage(terminal(), *snapshot));
    }
    if (m_options.watch)
        return;
    if (!m_options.exitCode || snapshot->health == Health::Well)
        finish(Ok);
    else
        finish(snapshot->health == Health::Refusing ? NoQuorum : DoneWithFindings);
}

} // namespace cring::app
