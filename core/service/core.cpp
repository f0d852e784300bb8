// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/core.h"

#include "core/config/nodeplace.h"
#include "core/service/backendpools.h"

#include <QDir>

namespace cring::service {

namespace {

QList<ring::Member> members(const config::Config &config)
{
    QList<ring::Member> list;
    for (const config::Server &server : config.servers) {
        if (!server.draining)
            list.append({server.id, server.weight});
    }
    return list;
}

QList<accounts::AccountKeeper::Server> databases(const config::Config &config)
{
    QList<accounts::AccountKeeper::Server> list;
    for (const config::Server &server : config.servers) {
        const auto place = config::parseNodePlace(server.data); // "" is none; it was validated
        list.append({server.id, server.name, place ? std::optional(*place) : std::nullopt});
    }
    return list;
}

} // namespace

accounts::SshAccess nodeAccess(const QString &stateDirectory)
{
    return accounts::SshAccess::standard(
        QDir::homePath(), qEnvironmentVariable("SSH_AUTH_SOCK"),
        stateDirectory.isEmpty() ? QString() : stateDirectory + QStringLiteral("/known_hosts"));
}

Core::Core(const config::Config &config, Shared &shared, const Core *before)
    : m_config(shared.store.applied(config))
    , m_backends(m_config.servers, poolMaker(m_config), shared.clock, shared.random)
    , m_monitor(m_backends, m_config.timing, shared.clock, shared.random, shared.stateDirectory)
    , m_ring(members(m_config), m_config.replicas)
    , m_environment{m_config,
                    m_backends,
                    shared.primary,
                    m_ring,
                    shared.locks,
                    shared.lanes,
                    shared.readers,
                    shared.store.catalogue,
                    shared.store.intents,
                    shared.store.spool,
                    shared.store.accountWork,
                    shared.store.accounts,
                    shared.store.conflicts,
                    *shared.store.database,
                    shared.folders,
                    shared.bringer,
                    shared.archive,
                    shared.clock,
                    shared.random,
                    shared.activity,
                    shared.counters,
                    shared.transfers,
                    shared.recentBodies,
                    [&keeper = shared.accountKeeper](const QByteArray &account) {
                        return keeper.isDisabled(account);
                    },
                    std::make_shared<int>()}
    , m_authenticator(
          m_monitor, shared.clock,
          [&keeper = shared.accountKeeper](const QByteArray &charmId) { return keeper.isDisabled(charmId); },
          [&tokens = shared.tokens] { return tokens.ownKey(); })
    , m_router(m_environment, m_authenticator, {shared.tokens, shared.recovery, shared.sequences})
{
    if (before) {
        m_monitor.inherit(before->m_monitor);
        for (health::Backend *backend : m_backends.all()) {
            if (const health::Backend *known = before->m_backends.find(backend->id()))
                backend->inherit(*known);
        }
    }
    shared.primary.setBackends(m_backends);
    shared.tokens.configure(m_config, m_monitor, shared.primary);
    shared.accountKeeper.configure(databases(m_config), m_config.repair.tombstoneTime,
                                   [this, alive = QPointer<QObject>(&m_watch)](const QString &id) {
                                       const health::Backend *backend = alive ? m_backends.find(id) : nullptr;
                                       return backend && backend->health().key
                                                  ? backend->health().key->publicKey
                                                  : QByteArray();
                                   });
    for (const health::Backend *backend : m_backends.all()) {
        QObject::connect(backend, &health::Backend::stateChanged, &m_watch, [&shared, backend] {
            if (backend->state() == health::Backend::State::Up)
                shared.accountKeeper.hurry();
        });
    }
    shared.store.configure(m_config.servers);
    shared.recovery.setEnvironment(m_environment);
    shared.delivery.setEnvironment(m_environment);
    shared.spoolKeeping.setEnvironment(m_environment);
    shared.backups.setEnvironment(m_environment);
    shared.accountDelivery.setEnvironment(m_environment);
    shared.survey.setEnvironment(m_environment);
    shared.caretaker.setEnvironment(m_environment);
    shared.store.conflicts.setBudget(m_config.repair.conflictBytes);
    shared.store.spool.setBudget(m_config.spool.diskBudget);
    for (health::Backend *backend : m_backends.all()) {
        QObject::connect(backend, &health::Backend::stateChanged, &m_router, [backend, &shared] {
            const bool up = backend->state() == health::Backend::State::Up;
            shared.activity.record(
                up ? telemetry::Level::Info : telemetry::Level::Warning, telemetry::Category::Backend,
                up ? QStringLiteral("is up")
                   : QStringLiteral("is %1: %2").arg(health::stateName(backend->state()), backend->reason()),
                backend->name());
        });
    }
}

Core::~Core() = default;

} // namespace cring::service
