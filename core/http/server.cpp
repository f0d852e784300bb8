// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/server.h"

#include <QLoggingCategory>
#include <QSslSocket>

#include <sys/socket.h>
#include <unistd.h>

namespace cring::http {

namespace {

using namespace std::chrono_literals;

Q_LOGGING_CATEGORY(lcServer, "cring.front")

constexpr auto kSweepInterval = 500ms;

QHostAddress peerOf(int descriptor)
{
    sockaddr_storage storage{};
    auto *address = reinterpret_cast<sockaddr *>(&storage);
    socklen_t size = sizeof storage;
    return ::getpeername(descriptor, address, &size) == 0 ? QHostAddress(address) : QHostAddress();
}

} // namespace

Server::Server(const Bounds &bounds, const IClock &clock, QObject *parent)
    : QObject(parent)
    , m_bounds(bounds)
    , m_clock(clock)
    , m_quota(bounds.connections, bounds.connectionsPerAddress)
    , m_date(clock)
{
    connect(&m_listener, &Listener::accepted, this, &Server::handleAccepted);
    m_sweep.setInterval(kSweepInterval);
    connect(&m_sweep, &QTimer::timeout, this, &Server::sweep);
    m_drainLimit.setSingleShot(true);
    connect(&m_drainLimit, &QTimer::timeout, this, &Server::drained);
}

Server::~Server()
{
    for (auto &[connection, ticket] : m_connections)
        connection->disconnect(this);
}

Status Server::listen(const QString &endpoint, const std::optional<QSslConfiguration> &tls)
{
    m_tls = tls;
    const ServerConnection::Bounds &bounds = m_bounds.connection;
    m_waitingRoom = std::make_unique<WaitingRoom>(
        WaitingRoom::Bounds{bounds.headerBytes, bounds.headerTime, bounds.idleTime}, !m_tls);
    connect(m_waitingRoom.get(), &WaitingRoom::ready, this,
            [this](int descriptor, ConnectionQuota::Ticket *ticket) {
                handleReady(descriptor, std::move(*ticket));
            });
    return m_listener.listen(endpoint);
}

void Server::handleAccepted(qintptr descriptor)
{
    const int fd = static_cast<int>(descriptor);
    auto ticket = m_quota.admit(peerOf(fd));
    if (!ticket) {
        ::close(fd);
        return;
    }
    m_waitingRoom->add(fd, std::move(*ticket), m_clock.steady());
    if (!m_sweep.isActive())
        m_sweep.start();
}

void Server::handleReady(int descriptor, ConnectionQuota::Ticket ticket)
{
    QTcpSocket *socket = m_tls ? new QSslSocket : new QTcpSocket;
    if (!socket->setSocketDescriptor(descriptor)) {
        ::close(descriptor);
        delete socket;
        return;
    }
    if (m_tls)
        static_cast<QSslSocket *>(socket)->setSslConfiguration(*m_tls);
    auto *connection = new ServerConnection(socket, m_bounds.connection, m_date, this);
    m_connections.emplace(connection, std::move(ticket));
    connect(connection, &ServerConnection::requestStarted, this, &Server::requestStarted);
    connect(connection, &ServerConnection::malformed, this, [this](int status, const Error &error) {
        qCDebug(lcServer).noquote() << "answered" << status << "to what is no request:" << error.detail;
        Q_EMIT malformed(status, error);
    });
    connect(connection, &ServerConnection::closed, this, [this, connection] {
        m_connections.erase(connection);
        stopSweepIfEmpty();
        if (m_connections.empty() && m_draining)
            Q_EMIT drained();
    });
}

void Server::stopSweepIfEmpty()
{
    if (m_connections.empty() && m_waitingRoom->isEmpty())
        m_sweep.stop();
}

void Server::sweep()
{
    const auto now = m_clock.steady();
    std::vector<ServerConnection *> all;
    all.reserve(m_connections.size());
    for (const auto &[connection, ticket] : m_connections)
        all.push_back(connection);
    for (ServerConnection *connection : all)
        connection->checkDeadline(now);
    m_waitingRoom->checkDeadlines(now);
    stopSweepIfEmpty();
}

void Server::drain(std::chrono::milliseconds limit)
{
    m_draining = true;
    // A request that was sent before this is under way, wherever it stands.
    m_listener.acceptPending();
    m_waitingRoom->handOnReady();
    m_listener.close();
    m_waitingRoom->clear();
    std::vector<ServerConnection *> all;
    for (const auto &[connection, ticket] : m_connections)
        all.push_back(connection);
    for (ServerConnection *connection : all)
        connection->closeWhenDone();
    m_drainLimit.start(m_connections.empty() ? 0ms : limit);
}

} // namespace cring::http
