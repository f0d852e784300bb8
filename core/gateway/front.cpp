// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/front.h"

#include "core/config/tlsfiles.h"

#include <QLoggingCategory>
#include <QSslSocket>

#include <sys/socket.h>
#include <unistd.h>

namespace cring::gateway {

namespace {

using namespace std::chrono_literals;

Q_LOGGING_CATEGORY(lcFront, "cring.front")

constexpr auto kSweepInterval = 500ms;

QHostAddress peerOf(int descriptor)
{
    sockaddr_storage storage{};
    auto *address = reinterpret_cast<sockaddr *>(&storage);
    socklen_t size = sizeof storage;
    return ::getpeername(descriptor, address, &size) == 0 ? QHostAddress(address) : QHostAddress();
}

} // namespace

Front::Front(const config::Config &config, const IClock &clock, QObject *parent)
    : QObject(parent)
    , m_config(config)
    , m_clock(clock)
    , m_quota(config.limits.connections, config.limits.connectionsPerAddress)
    , m_date(clock)
{
    connect(&m_listener, &http::Listener::accepted, this, &Front::handleAccepted);
    m_sweep.setInterval(kSweepInterval);
    connect(&m_sweep, &QTimer::timeout, this, &Front::sweep);
    m_drainLimit.setSingleShot(true);
    connect(&m_drainLimit, &QTimer::timeout, this, &Front::drained);
}

Front::~Front()
{
    for (auto &[connection, ticket] : m_connections)
        connection->disconnect(this);
}

Status Front::listen()
{
    if (const Status tls = loadTls(); !tls)
        return tls;
    const config::Limits &limits = m_config.limits;
    m_waitingRoom = std::make_unique<http::WaitingRoom>(
        http::WaitingRoom::Bounds{limits.headerBytes, limits.headerTime, limits.idleTime}, !m_tls);
    connect(m_waitingRoom.get(), &http::WaitingRoom::ready, this,
            [this](int descriptor, http::ConnectionQuota::Ticket *ticket) {
                handleReady(descriptor, std::move(*ticket));
            });
    return m_listener.listen(m_config.address);
}

Status Front::loadTls()
{
    if (m_config.tlsCert.isEmpty())
        return {};
    Result<QSslConfiguration> tls = config::readServerTls(m_config.tlsCert, m_config.tlsKey);
    if (!tls)
        return tls.error();
    m_tls = std::move(tls).value();
    return {};
}

void Front::handleAccepted(qintptr descriptor)
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

void Front::handleReady(int descriptor, http::ConnectionQuota::Ticket ticket)
{
    QTcpSocket *socket = m_tls ? new QSslSocket : new QTcpSocket;
    if (!socket->setSocketDescriptor(descriptor)) {
        ::close(descriptor);
        delete socket;
        return;
    }
    if (m_tls)
        static_cast<QSslSocket *>(socket)->setSslConfiguration(*m_tls);
    const config::Limits &limits = m_config.limits;
    auto *connection = new http::ServerConnection(
        socket, {limits.headerBytes, limits.bodyBytes, limits.headerTime, limits.idleTime}, m_date, this);
    m_connections.emplace(connection, std::move(ticket));
    connect(connection, &http::ServerConnection::requestStarted, this,
            [this](http::ServerConnection *client) { m_router->route(client); });
    connect(connection, &http::ServerConnection::malformed, this, [this](int status, const Error &error) {
        qCDebug(lcFront).noquote() << "answered" << status << "to what is no request:" << error.detail;
        m_router->countRefusal();
    });
    connect(connection, &http::ServerConnection::closed, this, [this, connection] {
        m_connections.erase(connection);
        stopSweepIfEmpty();
        if (m_connections.empty() && m_draining)
            Q_EMIT drained();
    });
}

void Front::stopSweepIfEmpty()
{
    if (m_connections.empty() && m_waitingRoom->isEmpty())
        m_sweep.stop();
}

void Front::sweep()
{
    const auto now = m_clock.steady();
    std::vector<http::ServerConnection *> all;
    all.reserve(m_connections.size());
    for (const auto &[connection, ticket] : m_connections)
        all.push_back(connection);
    for (http::ServerConnection *connection : all)
        connection->checkDeadline(now);
    m_waitingRoom->checkDeadlines(now);
    stopSweepIfEmpty();
}

void Front::drain(std::chrono::milliseconds limit)
{
    m_draining = true;
    // A request that was sent before this is under way, wherever it stands.
    m_listener.acceptPending();
    m_waitingRoom->handOnReady();
    m_listener.close();
    m_waitingRoom->clear();
    std::vector<http::ServerConnection *> all;
    for (const auto &[connection, ticket] : m_connections)
        all.push_back(connection);
    for (http::ServerConnection *connection : all)
        connection->closeWhenDone();
    m_drainLimit.start(m_connections.empty() ? 0ms : limit);
}

} // namespace cring::gateway
