// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/backendscommand.h"

#include "app/cring/statuscommand.h"
#include "core/base/words.h"

#include <QDateTime>
#include <QJsonArray>

namespace cring::app {

using control::BackendStatus;

namespace {

constexpr QLatin1String nameKey("name");

QString backendPage(const Terminal &terminal, const BackendStatus &backend, qint64 nowMs)
{
    PaintedTable table;
    const auto row = [&table](const char *key, const QString &value, Tone tone = Tone::Plain) {
        if (!value.isEmpty())
            table.addRow({{QString::fromLatin1(key), Tone::Faint}, {value, tone}});
    };
    const auto age = words::duration(std::chrono::milliseconds(nowMs - backend.sinceMs));
    row("name", backend.name, Tone::Strong);
    row("id", backend.id);
    row("url", backend.url);
    row("ssh port", QString::number(backend.sshPort));
    row("weight", QString::number(backend.weight));
    row("state", QStringLiteral("%1 for %2").arg(backend.state, age),
        backend.state == QStringLiteral("up") ? Tone::Good : Tone::Bad);
    row("reason", backend.reason);
    row("warning", backend.warning, Tone::Warning);
    row("primary", backend.primary ? QStringLiteral("yes") : QStringLiteral("no"));
    row("breaker", backend.breaker);
    if (backend.latencyMs)
        row("latency", QStringLiteral("%1 ms").arg(*backend.latencyMs));
    if (backend.clockSkewMs)
        row("clock", QStringLiteral("%1 ms against ours").arg(*backend.clockSkewMs));
    row("requests", QStringLiteral("%1, %2 failed, %3 under way")
                        .arg(backend.requests)
                        .arg(backend.errors)
                        .arg(backend.outstanding));
    row("bytes", QStringLiteral("%1 sent, %2 received")
                     .arg(words::bytes(backend.bytesSent), words::bytes(backend.bytesReceived)));
    return table.toString(terminal);
}

} // namespace

void BackendsListCommand::handleOpened(const control::ServiceInfo &)
{
    call(QStringLiteral("backends.list"), {}, [this](const QJsonObject &result) {
        const QJsonArray entries = result.value(QLatin1String("backends")).toArray();
        QList<BackendStatus> backends;
        for (const QJsonValue entry : entries)
            backends.append(control::backendFromJson(entry.toObject()));
        if (json())
            printJson(result);
        else
            print(backendTable(terminal(), backends, QDateTime::currentMSecsSinceEpoch()));
        finish(Ok);
    });
}

BackendsShowCommand::BackendsShowCommand(ServiceCommandContext context, QString name)
    : ServiceCommand(std::move(context))
    , m_name(std::move(name))
{
}

void BackendsShowCommand::handleOpened(const control::ServiceInfo &)
{
    call(QStringLiteral("backends.show"), {{nameKey, m_name}}, [this](const QJsonObject &result) {
        const QJsonObject backend = result.value(QLatin1String("backend")).toObject();
        if (json())
            printJson(backend);
        else
            print(backendPage(terminal(), control::backendFromJson(backend),
                              QDateTime::currentMSecsSinceEpoch()));
        finish(Ok);
    });
}

BackendsTestCommand::BackendsTestCommand(ServiceCommandContext context, QString name)
    : StepCommand(std::move(context))
    , m_name(std::move(name))
{
}

void BackendsTestCommand::handleOpened(const control::ServiceInfo &)
{
    goThrough(QStringLiteral("backends.test"), {{nameKey, m_name}}, testTime, [this](const QJsonObject &) {
        return QStringLiteral("All is well with %1.").arg(plain(m_name));
    });
}

} // namespace cring::app
