// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/handlers.h"

#include "core/control/server.h"
#include "core/service/backupmethods.h"
#include "core/service/eventfeed.h"
#include "core/service/notifymethods.h"
#include "core/service/recoverykitmethods.h"

#include <QJsonArray>
#include <QTimer>

#include <algorithm>

namespace cring::service {

using control::BackendStatus;
using control::CallPtr;
using control::Snapshot;

namespace {

constexpr QLatin1String backendKey("backend");
constexpr QLatin1String statusTopic("status");

QJsonObject toJson(const BackendTest::Step &step)
{
    return {{QStringLiteral("step"), step.name},
            {QStringLiteral("ok"), step.ok},
            {QStringLiteral("text"), step.text},
            {QStringLiteral("ms"), step.ms}};
}

Error noSuchBackend(const QString &name, const QList<BackendStatus> &backends)
{
    QStringList names;
    for (const BackendStatus &backend : backends)
        names.append(backend.name);
    return {Code::NotFound, QStringLiteral("there is no server \"%1\"; the servers are %2")
                                .arg(name.left(100), names.join(QStringLiteral(", ")))};
}

/// Fails the call when there is no usable name; empty then.
QString nameFrom(const CallPtr &call)
{
    const QString name = call->params().value(QLatin1String("name")).toString();
    if (name.isEmpty())
        call->fail({Code::ControlBadParams, QStringLiteral("name must be a server's name")});
    return name;
}

} // namespace

Handlers::Handlers(control::Server &server, const telemetry::ActivityLog &log, HandlerHooks hooks,
                   QObject *parent)
    : QObject(parent)
    , m_log(log)
    , m_hooks(std::move(hooks))
{
    server.addMethod(QStringLiteral("status"),
                     [this](const CallPtr &call) { call->reply(snapshot().toJson()); });
    server.addMethod(QStringLiteral("status.subscribe"),
                     [this](const CallPtr &call) { subscribeStatus(call); });
    server.addMethod(QStringLiteral("status.unsubscribe"), [](const CallPtr &call) {
        call->reply({{QStringLiteral("ended"), call->unsubscribe(statusTopic)}});
    });
    server.addMethod(QStringLiteral("backends.list"), [this](const CallPtr &call) { listBackends(call); });
    server.addMethod(QStringLiteral("backends.show"), [this](const CallPtr &call) { showBackend(call); });
    server.addMethod(QStringLiteral("backends.test"), [this](const CallPtr &call) { testBackend(call); });
    addEventMethods(server, log);
    server.addMethod(QStringLiteral("reload"), [this](const CallPtr &call) { reload(call); });
    server.addMethod(QStringLiteral("drain"), [this](const CallPtr &call) {
        call->reply({});
        m_hooks.drain();
    });
    server.addMethod(QStringLiteral("stop"), [this](const CallPtr &call) {
        call->reply({});
        m_hooks.stop();
    });
    addOperations(server);
}

Handlers::~Handlers() = default;

void Handlers::addOperations(control::Server &server)
{
    addQueueMethods(server, m_hooks.queue);
    addBlobMethods(server, m_hooks.blobs);
    addMemberMethods(server, m_hooks.members, this);
    addJobMethods(server, m_hooks.jobs, this);
    addFindingMethods(server, m_hooks.findings);
    addConflictMethods(server, m_hooks.conflicts, this);
    addAccountMethods(server, m_hooks.accounts, this);
    if (m_hooks.transfers)
        addTransferMethods(server, *m_hooks.transfers);
    if (m_hooks.notices)
        addNotifyMethods(server, *m_hooks.notices, this);
    if (m_hooks.pause)
        addPauseMethods(server, *m_hooks.pause);
    if (m_hooks.backups && m_hooks.ledger)
        addBackupMethods(server, *m_hooks.backups, *m_hooks.ledger, m_hooks.snapshots);
    if (m_hooks.snapshots)
        addRecoveryKitMethods(server, *m_hooks.snapshots);
}

Snapshot Handlers::snapshot() const
{
    Snapshot snapshot = m_hooks.snapshot();
    snapshot.jobs = jobsUnderWay(m_hooks.jobs);
    return snapshot;
}

void Handlers::subscribeStatus(const CallPtr &call)
{
    const QJsonValue wanted = call->params().value(QLatin1String("intervalMs"));
    const int interval = wanted.isUndefined() ? 1'000 : wanted.toInt(-1);
    if (interval < minStatusIntervalMs || interval > maxStatusIntervalMs) {
        call->fail({Code::ControlBadParams, QStringLiteral("intervalMs must be a whole number from %1 to %2")
                                                .arg(minStatusIntervalMs)
                                                .arg(maxStatusIntervalMs)});
        return;
    }
    call->reply({});
    control::Subscription *subscription = call->subscribe(statusTopic);
    if (!subscription)
        return;
    const auto tell = [this, subscription] {
        subscription->notify(statusTopic, snapshot().toJson());
    };
    auto *timer = new QTimer(subscription);
    connect(timer, &QTimer::timeout, subscription, tell);
    timer->start(interval);
    tell();
    // What has become of a server is told at once, and not more often than a client may ask for.
    auto *soon = new QTimer(subscription);
    soon->setSingleShot(true);
    soon->setInterval(0);
    connect(soon, &QTimer::timeout, subscription, [soon, tell] {
        tell();
        soon->setInterval(minStatusIntervalMs);
    });
    connect(timer, &QTimer::timeout, soon, [soon] { soon->setInterval(0); });
    connect(&m_log, &telemetry::ActivityLog::recorded, soon, [soon](const telemetry::Event &event) {
        if (event.category == telemetry::Category::Backend && !soon->isActive())
            soon->start();
    });
}

void Handlers::listBackends(const CallPtr &call)
{
    QJsonArray backends;
    for (const BackendStatus &backend : m_hooks.snapshot().backends)
        backends.append(control::toJson(backend));
    call->reply({{QStringLiteral("backends"), backends}});
}

void Handlers::showBackend(const CallPtr &call)
{
    const QString name = nameFrom(call);
    if (name.isEmpty())
        return;
    const QList<BackendStatus> backends = m_hooks.snapshot().backends;
    // A name before an id: what is shown to people is what they mean.
    auto found = std::ranges::find(backends, name, &BackendStatus::name);
    if (found == backends.end())
        found = std::ranges::find(backends, name, &BackendStatus::id);
    if (found == backends.end())
        call->fail(noSuchBackend(name, backends));
    else
        call->reply({{backendKey, control::toJson(*found)}});
}

void Handlers::testBackend(const CallPtr &call)
{
    const QString name = nameFrom(call);
    if (name.isEmpty())
        return;
    std::unique_ptr<BackendTest> made = m_hooks.makeTest(name);
    if (!made) {
        call->fail(noSuchBackend(name, m_hooks.snapshot().backends));
        return;
    }
    BackendTest *test = made.release();
    test->setParent(this);
    connect(test, &BackendTest::stepDone, this, [call, test](const BackendTest::Step &step) {
        if (call->isWanted())
            call->progress(QStringLiteral("backends.test.step"), toJson(step));
        else
            test->deleteLater();
    });
    connect(test, &BackendTest::finished, this, [call, test, name] {
        QJsonArray steps;
        for (const BackendTest::Step &step : test->steps())
            steps.append(toJson(step));
        call->reply(
            {{backendKey, name}, {QStringLiteral("ok"), test->passed()}, {QStringLiteral("steps"), steps}});
        test->deleteLater();
    });
    test->start();
}

void Handlers::reload(const CallPtr &call)
{
    const Result<QStringList> changes = m_hooks.reload();
    if (!changes)
        call->fail(changes.error());
    else
        call->reply({{QStringLiteral("changes"), QJsonArray::fromStringList(*changes)}});
}

} // namespace cring::service
