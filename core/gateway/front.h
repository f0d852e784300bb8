// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/gateway/router.h"
#include "core/http/connectionquota.h"
#include "core/http/listener.h"
#include "core/http/serverconnection.h"
#include "core/http/waitingroom.h"

#include <unordered_map>

namespace cring::gateway {

/// The HTTP front: accepts clients, HTTP or HTTPS, within the limits on connections, headers and idle time.
class Front final : public QObject
{
    Q_OBJECT

public:
    /// The clock outlives the front; the configuration is copied.
    Front(const config::Config &config, const IClock &clock, QObject *parent = nullptr);
    ~Front() override;

    /// TlsFiles when a certificate or key cannot be used; http::Listener's errors.
    Status listen();
    /// Who gets the requests from now on; outlives the front or is replaced before it dies.
    void setRouter(Router &router) { m_router = &router; }
    quint16 port() const { return m_listener.port(); }
    QStringList endpoints() const { return m_listener.endpoints(); }
    /// Those that have sent a request; others wait apart.
    int connections() const { return static_cast<int>(m_connections.size()); }

    /// Accepts no more, lets requests under way end, and closes what is idle; drained() follows at the latest
    /// after `limit`.
    void drain(std::chrono::milliseconds limit);

Q_SIGNALS:
    void drained();

private:
    Status loadTls();
    void handleAccepted(qintptr descriptor);
    void handleReady(int descriptor, http::ConnectionQuota::Ticket ticket);
    void stopSweepIfEmpty();
    void sweep();

    Router *m_router = nullptr;
    const config::Config m_config;
    const IClock &m_clock;
    http::Listener m_listener;
    http::ConnectionQuota m_quota;
    std::unique_ptr<http::WaitingRoom> m_waitingRoom;
    std::unordered_map<http::ServerConnection *, http::ConnectionQuota::Ticket> m_connections;
    http::DateField m_date;
    std::optional<QSslConfiguration> m_tls;
    QTimer m_sweep; ///< Runs while there are connections: one timer for all their deadlines.
    QTimer m_drainLimit;
    bool m_draining = false;
};

} // namespace cring::gateway
