// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/operations.h"

#include "core/service/owedkind.h"

#include <QJsonArray>

namespace cring::service {

namespace {

/// While a server cannot be used, that is what everything waits for.
void addState(OwedItem &owed, const health::Backend *server)
{
    if (!server || server->usable())
        return;
    owed.waitMs.reset();
    owed.problem = server->reason().isEmpty()
                       ? QStringLiteral("waits for the server")
                       : QStringLiteral("waits for the server: %1").arg(server->reason());
}

OwedItem toOwed(const repair::Delivery::Item &item, const state::Catalogue &catalogue,
                const health::Backend *server)
{
    OwedItem owed;
    owed.place = item.key;
    owed.key = item.key;
    owed.kind = owedKind(catalogue.find(item.key), item.owed.debt);
    owed.sinceMs = item.owed.since;
    owed.attempts = item.attempts;
    owed.running = item.running;
    owed.waitMs = item.wait.count();
    owed.problem = item.problem;
    addState(owed, server);
    return owed;
}

/// Behind the copies, which are in the order of their keys: a key never begins so.
constexpr char kAccountWork = '\xff';

QByteArray placeOf(quint64 id)
{
    return kAccountWork + QByteArray::number(id).rightJustified(20, '0');
}

/// What one server has accepted of an account and this one has not got.
void appendAccountWork(QList<OwedItem> &items, const Shared &shared, const QString &server,
                       const QByteArray &after, qsizetype limit, const health::Backend *backend)
{
    for (const auto &[id, item] : shared.store.accountWork.items()) {
        if (items.size() >= limit)
            return;
        if (item.server != server || placeOf(id) <= after || shared.accountKeeper.isDisabled(item.account))
            continue;
        OwedItem owed;
        owed.place = placeOf(id);
        owed.key = item.account;
        owed.kind = accountWorkKind(item.target);
        owed.sinceMs = item.since;
        if (const auto tried = shared.accountDelivery.tried(id)) {
            owed.attempts = tried->attempts;
            owed.running = tried->running;
            owed.waitMs = std::max<qint64>(0, (tried->due - shared.clock.steady()).count());
            owed.problem = tried->problem;
        }
        addState(owed, backend);
        items.append(owed);
    }
}

JobInfo toJob(const jobs::Jobs::Info &info)
{
    JobInfo job;
    job.id = info.id;
    job.kind = info.kind;
    job.parameters = info.parameters;
    job.state = jobs::jobStateName(info.state);
    job.progress = info.progress;
    job.summary = info.summary;
    job.problem = info.problem;
    job.createdMs = info.created;
    job.changedMs = info.changed;
    return job;
}

} // namespace

std::function<QList<ServerName>()> Operations::servers() const
{
    return [core = core] {
        QList<ServerName> names;
        for (const health::Backend *backend : core().backends().all())
            names.append({backend->id(), backend->name()});
        return names;
    };
}

QueueHooks Operations::queue() const
{
    QueueHooks hooks;
    hooks.servers = servers();
    hooks.count = [&shared = shared](const QString &server) {
        return shared.setAside.owed(server);
    };
    hooks.setAside = [&shared = shared](const QString &server) {
        return shared.setAside.of(server);
    };
    hooks.items = [&shared = shared, core = core](const QString &server, const QByteArray &after,
                                                  qsizetype limit) {
        QList<OwedItem> items;
        const health::Backend *backend = core().backends().find(server);
        for (const repair::Delivery::Item &item : shared.delivery.items(server, after, limit))
            items.append(toOwed(item, shared.store.catalogue, backend));
        appendAccountWork(items, shared, server, after, limit, backend);
        return items;
    };
    hooks.retry = [&shared = shared](const QString &server) {
        shared.delivery.retry(server);
        shared.accountDelivery.retry();
    };
    return hooks;
}

BlobHooks Operations::blobs() const
{
    BlobHooks hooks;
    hooks.catalogue = &shared.store.catalogue;
    hooks.spool = &shared.store.spool;
    hooks.ledger = &shared.store.bucketLedger;
    hooks.servers = servers();
    hooks.owners = [core = core](const state::ObjectKey &key) {
        QList<QString> ids;
        for (const health::Backend *backend : core().environment().owners(key))
            ids.append(backend->id());
        return ids;
    };
    hooks.hasLost = [&findings = shared.store.findings](const state::ObjectKey &key, const QString &server) {
        using Kind = state::Finding::Kind;
        const QList<state::Finding> known = findings.at(key);
        return std::any_of(known.begin(), known.end(), [&](const state::Finding &finding) {
            return finding.kind == Kind::Lost || (finding.kind == Kind::Absence && finding.server == server);
        });
    };
    return hooks;
}

MemberHooks Operations::members() const
{
    MemberHooks hooks;
    hooks.catalogue = &shared.store.catalogue;
    hooks.servers = servers();
    hooks.ring = [core = core]() -> const ring::Ring & {
        return core().environment().ring;
    };
    hooks.promote = [&shared = shared, core = core](const QString &id) -> Status {
        if (const Status status = shared.primary.promote(id); !status)
            return status;
        shared.activity.record(telemetry::Level::Info, telemetry::Category::Backend,
                               QStringLiteral("is the primary now: a person said so"),
                               core().backends().find(id)->name());
        return {};
    };
    return hooks;
}

JobHooks Operations::jobs(jobs::Jobs &jobs)
{
    JobHooks hooks;
    hooks.list = [&jobs] {
        QList<JobInfo> list;
        for (const jobs::Jobs::Info &info : jobs.list())
            list.append(toJob(info));
        return list;
    };
    hooks.find = [&jobs](qint64 id) -> std::optional<JobInfo> {
        const auto info = jobs.find(id);
        if (!info)
            return std::nullopt;
        return toJob(*info);
    };
    hooks.start = [&jobs](const QString &kind, const QJsonObject &parameters) {
        return jobs.start(kind, parameters);
    };
    hooks.pause = [&jobs](qint64 id) {
        return jobs.pause(id);
    };
    hooks.resume = [&jobs](qint64 id) {
        return jobs.resume(id);
    };
    hooks.cancel = [&jobs](qint64 id) {
        return jobs.cancel(id);
    };
    hooks.watch = [&jobs](QObject *context, const std::function<void(qint64)> &changed) {
        QObject::connect(&jobs, &jobs::Jobs::changed, context, changed);
    };
    return hooks;
}

QString Operations::nameOf(const QString &id) const
{
    const health::Backend *backend = core().backends().find(id);
    return backend ? backend->name() : id;
}

QJsonObject Operations::withNames(QJsonObject plan) const
{
    const QString key = QStringLiteral("servers");
    QJsonArray servers;
    for (const QJsonValue value : plan.value(key).toArray()) {
        QJsonObject server = value.toObject();
        server.insert(QStringLiteral("name"), nameOf(server.value(QLatin1String("id")).toString()));
        servers.append(server);
    }
    plan.insert(key, servers);
    return plan;
}

FindingHooks Operations::findings(const state::Findings &findings) const
{
    FindingHooks hooks;
    hooks.list = [&findings, operations = *this](const state::ObjectKey &after, qsizetype limit) {
        QList<FindingInfo> list;
        for (const state::Finding &finding : findings.list(after, limit)) {
            FindingInfo info;
            info.id = finding.id;
            info.kind = state::findingKindName(finding.kind);
            info.key = finding.key;
            info.server = finding.server.isEmpty() ? QString() : operations.nameOf(finding.server);
            info.size = finding.size;
            info.digest = finding.digest;
            info.sinceMs = finding.since;
            list.append(info);
        }
        return list;
    };
    hooks.count = [&findings] {
        return static_cast<qint64>(findings.count());
    };
    hooks.overflow = [&findings] {
        return findings.overflow();
    };
    hooks.clashes = [&keeper = shared.accountKeeper] {
        QStringList sentences;
        if (const auto &report = keeper.report()) {
            for (const accounts::Clash &clash : report->outcome.clashes)
                sentences << clash.toString();
        }
        return sentences;
    };
    return hooks;
}

ConflictHooks Operations::conflicts(Upkeep &upkeep) const
{
    ConflictHooks hooks;
    hooks.list = [&upkeep, operations = *this](const state::ObjectKey &after, qsizetype limit) {
        QList<ConflictInfo> list;
        for (const Upkeep::Conflict &conflict : upkeep.conflicts(after, limit)) {
            ConflictInfo info;
            info.key = conflict.key;
            info.current = conflict.current;
            for (const QString &holder : conflict.holders)
                info.holders.append(operations.nameOf(holder));
            for (const state::Conflicts::Version &version : conflict.kept)
                info.kept.append({static_cast<qint64>(version.id), version.size, version.digest, version.mode,
                                  operations.nameOf(version.server), version.since});
            list.append(info);
        }
        return list;
    };
    hooks.choose = [&upkeep](qint64 id, QObject *context, ConflictHooks::Done done) {
        upkeep.choose(static_cast<quint64>(id), context, std::move(done));
    };
    hooks.discard = [&upkeep](qint64 id, QObject *context, ConflictHooks::Done done) {
        upkeep.discard(static_cast<quint64>(id), context, std::move(done));
    };
    return hooks;
}

void Operations::addUpkeep(HandlerHooks &hooks, Upkeep &upkeep) const
{
    hooks.members.drain = [&upkeep](const QString &name) {
        return upkeep.drain(name);
    };
    hooks.members.resume = [&upkeep](const QString &name) {
        return upkeep.resume(name);
    };
    hooks.jobs.planRebalance =
        [&upkeep, operations = *this](QObject *context, std::function<void(const QJsonObject &plan)> done) {
            upkeep.planRebalance(context,
                                 [operations, done = std::move(done)](const repair::RebalancePlan &plan) {
                                     done(operations.withNames(plan.toJson()));
                                 });
        };
}

} // namespace cring::service
