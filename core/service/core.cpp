// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/core.h"

#include "core/config/nodeplace.h"
#include "core/config/tlsfiles.h"

namespace cring::service {

namespace {

health::BackendSet::PoolMaker poolMaker(const config::Config &config)
{
    return [&config](const config::Server &server) {
        http::Origin origin;
        origin.host = server.url.host();
        origin.tls = server.url.scheme() == QLatin1String("https");
        origin.port = static_cast<quint16>(server.url.port(origin.tls ? 443 : 35354));
        origin.connectTimeout = config.timing.connectTimeout;
        if (origin.tls) {
            origin.ssl = QSslConfiguration::defaultConfiguration();
            // Asked for by name, the authorities of the person's own file stand alone: a public one has no
            // say about private servers.
            if (!config.caFile.isEmpty()) {
                // It was good when the configuration was validated; gone since then, nobody is trusted.
                const auto authorities = config::readCertificates(config.caFile);
                origin.ssl.setCaCertificates(authorities ? authorities.value() : QList<QSslCertificate>());
            }
        }
        return std::make_unique<http::Pool>(origin);
    };
}

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
                    shared.clock,
                    shared.random,
                    shared.activity,
                    shared.counters,
                    std::make_shared<int>()}
    , m_authenticator(m_monitor, shared.clock)
    , m_router(m_environment, m_authenticator, {shared.tokens, shared.recovery, shared.sequences})
{
    if (before)
        m_monitor.inherit(before->m_monitor);
    shared.primary.setBackends(m_backends);
    shared.tokens.configure(m_config, m_monitor, shared.primary);
    shared.accountKeeper.configure(databases(m_config));
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
