// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/server.h"

#include "core/control/protocol.h"
#include "core/control/session.h"

#include <QCoreApplication>
#include <QLocalSocket>
#include <QLoggingCategory>

#include <unistd.h>

namespace cring::control {

namespace {

Q_LOGGING_CATEGORY(lcControl, "cring.control")

} // namespace

Server::Server(ServerOptions options, QObject *parent)
    : QObject(parent)
    , m_options(std::move(options))
{
    addMethod(QStringLiteral("hello"), [this](const CallPtr &call) { hello(call); });
    connect(&m_server, &QLocalServer::newConnection, this, &Server::handleNewConnection);
    connect(&m_look, &QTimer::timeout, this, &Server::lookAtSocket);
}

Server::~Server()
{
    // Sessions report their end to us; not while we are half gone.
    const QSet<Session *> sessions = std::exchange(m_sessions, {});
    for (Session *session : sessions) {
        session->disconnect(this);
        delete session;
    }
    const QList<Session *> leaving = findChildren<Session *>(Qt::FindDirectChildrenOnly);
    for (Session *session : leaving)
        session->disconnect(this);
}

void Server::addMethod(const QString &name, Method method)
{
    Q_ASSERT(!m_methods.contains(name));
    m_methods.insert(name, std::move(method));
}

Status Server::listen()
{
    const Status status = openSocket();
    if (!status)
        return status;
    qCInfo(lcControl) << "control socket:" << qUtf8Printable(m_options.path);
    m_look.start(m_options.lookInterval);
    return {};
}

Status Server::openSocket()
{
    const Status opened = m_listening.open(m_options.path, m_options.groupAccess);
    if (!opened)
        return opened;
    const int descriptor = m_listening.takeDescriptor();
    if (!m_server.listen(descriptor)) {
        const QString why = m_server.errorString();
        ::close(descriptor);
        m_listening.close();
        return Error{Code::ControlSocket, QStringLiteral("cannot listen at %1: %2").arg(m_options.path, why)};
    }
    return {};
}

void Server::lookAtSocket()
{
    const ListeningSocket::Place place = m_listening.look();
    if (place == ListeningSocket::Place::Ours)
        return;
    if (place == ListeningSocket::Place::Nobody) {
        m_server.close(); // Listens where nobody finds it.
        m_listening.close();
        const Status status = openSocket();
        if (status) {
            m_isLost = false;
            qCWarning(lcControl) << "the control socket was taken away, and is there again:"
                                 << qUtf8Printable(m_options.path);
            return;
        }
        if (!std::exchange(m_isLost, true))
            qCWarning(lcControl) << "the control socket was taken away:"
                                 << qUtf8Printable(status.error().detail);
        return;
    }
    if (!std::exchange(m_isLost, true))
        qCWarning(lcControl) << "something else stands in the place of the control socket:"
                             << qUtf8Printable(m_options.path);
}

void Server::close(const QString &reason)
{
    if (std::exchange(m_closing, true))
        return;
    m_look.stop();
    m_server.close();
    m_listening.close();
    // A session may end while it closes, and leaves m_sessions then.
    const QSet<Session *> sessions = m_sessions;
    for (Session *session : sessions)
        session->close({Code::ControlUnavailable, reason});
    if (m_sessions.isEmpty())
        QMetaObject::invokeMethod(this, &Server::closed, Qt::QueuedConnection);
}

std::optional<Error> Server::refusalFor(qintptr socket) const
{
    const PeerCredentials peer = peerCredentials(socket);
    const uint owner = m_options.owner.value_or(::geteuid());
    if (!isPeerAllowed(peer.uid, owner, m_options.groupAccess)) {
        return Error{Code::ControlForbidden,
                     QStringLiteral("this service answers its own user only (uid %1, not %2)")
                         .arg(owner)
                         .arg(peer.uid)};
    }
    if (m_sessions.size() >= m_options.maxClients) {
        return Error{Code::ControlBusy,
                     QStringLiteral("%1 programs are connected, and more are not taken in; close one")
                         .arg(m_sessions.size())};
    }
    return std::nullopt;
}

void Server::handleNewConnection()
{
    while (QLocalSocket *socket = m_server.nextPendingConnection()) {
        if (const std::optional<Error> error = refusalFor(socket->socketDescriptor())) {
            turnAway(socket, *error);
            continue;
        }
        auto *session = new Session(
            socket, m_options.maxQueuedBytes,
            [this](const Request &request, const CallPtr &call) { dispatch(request, call); }, this);
        m_sessions.insert(session);
        connect(session, &Session::ended, this, [this, session] { handleEnded(session); });
    }
}

void Server::turnAway(QLocalSocket *socket, const Error &error)
{
    qCDebug(lcControl) << "client turned away:" << qUtf8Printable(error.detail);
    if (m_turnedAway >= m_options.maxClients) {
        socket->abort();
        socket->deleteLater();
        return;
    }
    ++m_turnedAway;
    auto *session = new Session(socket, m_options.maxQueuedBytes, {}, this);
    connect(session, &Session::ended, this, [this, session] {
        --m_turnedAway;
        session->deleteLater();
    });
    session->close(error);
}

void Server::handleEnded(Session *session)
{
    if (!m_sessions.remove(session))
        return;
    session->deleteLater();
    if (m_closing && m_sessions.isEmpty())
        QMetaObject::invokeMethod(this, &Server::closed, Qt::QueuedConnection);
}

void Server::dispatch(const Request &request, const CallPtr &call)
{
    const auto method = m_methods.constFind(request.method);
    if (method == m_methods.constEnd()) {
        call->fail(
            {Code::ControlUnknownMethod, QStringLiteral("there is no method \"%1\" in protocol version %2")
                                             .arg(request.method.left(maxIdLength))
                                             .arg(protocolVersion)});
        return;
    }
    (*method)(call);
}

void Server::hello(const CallPtr &call)
{
    const QJsonValue wanted = call->params().value(QStringLiteral("protocol"));
    if (!wanted.isUndefined() && wanted.toInt(-1) != protocolVersion) {
        call->fail({Code::ControlVersion,
                    QStringLiteral(
                        "the service (%1) speaks version %2 of the control protocol only; use the program "
                        "of the same release")
                        .arg(m_options.serviceVersion)
                        .arg(protocolVersion)});
        return;
    }
    call->reply({{QStringLiteral("protocol"), protocolVersion},
                 {QStringLiteral("service"), m_options.serviceVersion},
                 {QStringLiteral("pid"), QCoreApplication::applicationPid()}});
}

} // namespace cring::control
