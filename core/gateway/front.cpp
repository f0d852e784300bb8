// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/front.h"

#include "core/config/tlsfiles.h"

namespace cring::gateway {

namespace {

http::Server::Bounds boundsOf(const config::Limits &limits)
{
    return {{limits.headerBytes, limits.bodyBytes, limits.headerTime, limits.idleTime},
            limits.connections,
            limits.connectionsPerAddress};
}

} // namespace

Front::Front(const config::Config &config, const IClock &clock, QObject *parent)
    : QObject(parent)
    , m_config(config)
    , m_server(boundsOf(config.limits), clock)
{
    connect(&m_server, &http::Server::requestStarted, this,
            [this](http::ServerConnection *client) { m_router->route(client); });
    connect(&m_server, &http::Server::malformed, this, [this] { m_router->countRefusal(); });
    connect(&m_server, &http::Server::drained, this, &Front::drained);
}

Status Front::listen()
{
    if (m_config.tlsCert.isEmpty())
        return m_server.listen(m_config.address);
    Result<QSslConfiguration> tls = config::readServerTls(m_config.tlsCert, m_config.tlsKey);
    if (!tls)
        return tls.error();
    return m_server.listen(m_config.address, std::move(tls).value());
}

} // namespace cring::gateway
