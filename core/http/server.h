// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/connectionquota.h"
#include "core/http/listener.h"
#include "core/http/serverconnection.h"
#include "core/http/waitingroom.h"

#include <QSslConfiguration>
#include <QTimer>

#include <optional>
#include <unordered_map>

namespace cring::http {

/// Accepts clients, HTTP or HTTPS, within bounds on connections, headers and idle time, and hands on their
/// requests. Owns the connections. Lives on the event loop's thread.
class Server final : public QObject
{
    Q_OBJECT

public:
    struct Bounds
    {
        ServerConnection::Bounds connection;
        int connections; ///< At the same time.
        int connectionsPerAddress;
    };

    /// The clock outlives the server.
    Server(const Bounds &bounds, const IClock &clock, QObject *parent = nullptr);
    ~Server() override;

    /// HTTP, or HTTPS when there is a configuration for it. Listener's errors.
    Status listen(const QString &endpoint, const std::optional<QSslConfiguration> &tls = {});
    quint16 port() const { return m_listener.port(); }
    QStringList endpoints() const { return m_listener.endpoints(); }
    /// Clients' connections now, those that have sent nothing yet among them.
    int connections() const { return m_quota.admitted(); }

    /// Accepts no more, lets requests under way end, and closes what is idle; drained() follows at the latest
    /// after `limit`.
    void drain(std::chrono::milliseconds limit);

Q_SIGNALS:
    /// As ServerConnection has it: give it a handler, or answer it, before returning.
    void requestStarted(cring::http::ServerConnection *connection);
    /// Something came that is no request, and was answered with this status.
    void malformed(int status, const cring::Error &error);
    void drained();

private:
    void handleAccepted(qintptr descriptor);
    void handleReady(int descriptor, ConnectionQuota::Ticket ticket);
    void stopSweepIfEmpty();
    void sweep();

    const Bounds m_bounds;
    const IClock &m_clock;
    Listener m_listener;
    ConnectionQuota m_quota;
    std::unique_ptr<WaitingRoom> m_waitingRoom;
    std::unordered_map<ServerConnection *, ConnectionQuota::Ticket> m_connections;
    DateField m_date;
    std::optional<QSslConfiguration> m_tls;
    QTimer m_sweep; ///< Runs while there are connections: one timer for all their deadlines.
    QTimer m_drainLimit;
    bool m_draining = false;
};

} // namespace cring::http
