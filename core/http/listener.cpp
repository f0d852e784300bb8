// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/listener.h"

#include <QHostInfo>
#include <QLoggingCategory>
#include <QTcpServer>
#include <QTimer>

namespace cring::http {
using namespace std::chrono_literals;

namespace {
Q_LOGGING_CATEGORY(logListener, "cring.listener")

/// A burst of clients that arrive in one turn of the loop must not be refused by the kernel.
constexpr int kBacklog = 1024;
/// With port 0 the second address may find the first one's port taken.
constexpr int kPortAttempts = 16;
/// Accepting fails when descriptors run out; a few will have been closed by then.
constexpr auto kAcceptPause = 200ms;

class Server final : public QTcpServer
{
public:
    explicit Server(Listener &listener)
        : m_listener(listener)
    {
    }

protected:
    void incomingConnection(qintptr descriptor) override { Q_EMIT m_listener.accepted(descriptor); }

private:
    Listener &m_listener;
};

struct Endpoint
{
    QString host;
    quint16 port;
};

Result<Endpoint> parsed(const QString &text)
{
    const qsizetype colon = text.lastIndexOf(QLatin1Char(':'));
    QString host = text.left(qMax<qsizetype>(colon, 0));
    bool isNumber = false;
    const quint16 port = text.mid(colon + 1).toUShort(&isNumber);
    if (host.startsWith(QLatin1Char('[')) && host.endsWith(QLatin1Char(']')))
        host = host.mid(1, host.size() - 2);
    else if (host.contains(QLatin1Char(':')))
        isNumber = false;
    if (colon < 0 || !isNumber)
        return Error{
            Code::ConfigBadValue,
            QStringLiteral("%1 is no address to listen on: write HOST:PORT, or :PORT for every address")
                .arg(text)};
    return Endpoint{host, port};
}

Result<QList<QHostAddress>> resolved(const QString &host)
{
    if (host.isEmpty())
        return QList<QHostAddress>{QHostAddress(QHostAddress::Any)};
    if (host.compare(QLatin1String("localhost"), Qt::CaseInsensitive) == 0)
        return QList<QHostAddress>{QHostAddress(QHostAddress::LocalHost),
                                   QHostAddress(QHostAddress::LocalHostIPv6)};
    const QHostAddress literal(host);
    if (!literal.isNull())
        return QList<QHostAddress>{literal};
    const QList<QHostAddress> addresses = QHostInfo::fromName(host).addresses();
    if (addresses.isEmpty())
        return Error{Code::AddressUnusable, QStringLiteral("cannot listen on %1: no such host").arg(host)};
    return addresses;
}

Error listenError(const QHostAddress &address, quint16 port, const QTcpServer &server)
{
    const QString name = endpointName(address, port);
    if (server.serverError() == QAbstractSocket::AddressInUseError)
        return {
            Code::AddressInUse,
            QStringLiteral(
                "%1 is in use by another program (a Charm server, perhaps): choose another port, or stop it")
                .arg(name)};
    return {Code::AddressUnusable, QStringLiteral("cannot listen on %1: %2").arg(name, server.errorString())};
}

/// Qt pauses a server whose accept(2) failed, and leaves it to us to go on.
void goOnAccepting(QTcpServer *server)
{
    qCWarning(logListener, "cannot accept a connection: %s", qUtf8Printable(server->errorString()));
    QTimer::singleShot(kAcceptPause, server, [server] { server->resumeAccepting(); });
}

} // namespace

Listener::Listener(QObject *parent)
    : QObject(parent)
{
}

Listener::~Listener() = default;

Status Listener::listen(const QString &endpoint)
{
    close();
    const Result<Endpoint> wanted = parsed(endpoint);
    if (!wanted)
        return wanted.error();
    const Result<QList<QHostAddress>> addresses = resolved(wanted->host);
    if (!addresses)
        return addresses.error();
    const bool skipMissing = addresses->size() > 1;
    Status status;
    for (int attempt = 0; attempt < kPortAttempts; ++attempt) {
        status = listenOn(*addresses, wanted->port, skipMissing);
        if (status.ok() || wanted->port != 0 || status.error().code != Code::AddressInUse)
            break;
    }
    return status;
}

Status Listener::listenOn(const QList<QHostAddress> &addresses, quint16 port, bool skipMissing)
{
    std::optional<Error> missing;
    for (const QHostAddress &address : addresses) {
        auto server = std::make_unique<Server>(*this);
#if QT_VERSION >= QT_VERSION_CHECK(6, 3, 0)
        server->setListenBacklogSize(kBacklog);
#endif
        const quint16 samePort = m_servers.empty() ? port : this->port();
        if (!server->listen(address, samePort)) {
            const Error error = listenError(address, samePort, *server);
            const auto kind = server->serverError();
            const bool absent = kind == QAbstractSocket::SocketAddressNotAvailableError ||
                                kind == QAbstractSocket::UnsupportedSocketOperationError;
            if (skipMissing && absent) {
                missing = error;
                continue;
            }
            close();
            return error;
        }
        connect(server.get(), &QTcpServer::acceptError, server.get(),
                [raw = server.get()] { goOnAccepting(raw); });
        m_servers.push_back(std::move(server));
    }
    if (m_servers.empty() && missing)
        return *missing;
    return {};
}

void Listener::close()
{
    m_servers.clear();
}

void Listener::acceptPending()
{
    for (const auto &server : m_servers)
        server->waitForNewConnection(0);
}

quint16 Listener::port() const
{
    return m_servers.empty() ? quint16(0) : m_servers.front()->serverPort();
}

QStringList Listener::endpoints() const
{
    QStringList names;
    for (const auto &server : m_servers)
        names.append(endpointName(server->serverAddress(), server->serverPort()));
    return names;
}

QString endpointName(const QHostAddress &address, quint16 port)
{
    const bool isV6 = address.protocol() == QAbstractSocket::IPv6Protocol;
    const QString host =
        address == QHostAddress(QHostAddress::Any) ? QStringLiteral("*") : address.toString();
    return (isV6 ? QStringLiteral("[%1]:%2") : QStringLiteral("%1:%2")).arg(host).arg(port);
}

} // namespace cring::http
