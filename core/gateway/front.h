// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/gateway/router.h"
#include "core/http/server.h"

namespace cring::gateway {

/// The HTTP front: the clients' requests, HTTP or HTTPS, within the limits of the configuration, for a
/// router.
class Front final : public QObject
{
    Q_OBJECT

public:
    /// The clock outlives the front; the configuration is copied.
    Front(const config::Config &config, const IClock &clock, QObject *parent = nullptr);

    /// TlsFiles when a certificate or key cannot be used; http::Listener's errors.
    Status listen();
    /// Who gets the requests from now on; outlives the front or is replaced before it dies.
    void setRouter(Router &router) { m_router = &router; }
    quint16 port() const { return m_server.port(); }
    QStringList endpoints() const { return m_server.endpoints(); }
    /// Clients' connections now, those that have sent nothing yet among them.
    int connections() const { return m_server.connections(); }

    /// As http::Server::drain().
    void drain(std::chrono::milliseconds limit) { m_server.drain(limit); }

Q_SIGNALS:
    void drained();

private:
    Router *m_router = nullptr;
    const config::Config m_config;
    http::Server m_server;
};

} // namespace cring::gateway
