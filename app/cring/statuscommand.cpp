// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/statuscommand.h"

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

QString notes(const Terminal &terminal, const Snapshot &snapshot)
{
    QString text;
    if (snapshot.bytesIn + snapshot.bytesOut > 0) {
        text += QStringLiteral("\n%1 in, %2 out")
                    .arg(words::bytes(snapshot.bytesIn), words::bytes(snapshot.bytesOut));
        if (snapshot.failovers > 0)
            text += QStringLiteral("; %1 reads went on with another server").arg(snapshot.failovers);
        if (snapshot.rollbacks > 0)
            text += QStringLiteral("; %1 refused writes taken back").arg(snapshot.rollbacks);
        if (snapshot.inDoubt > 0)
            text += QStringLiteral("; %1 copies were in doubt").arg(snapshot.inDoubt);
        text += u'\n';
    }
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
    page += requestTable(terminal, snapshot);
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
