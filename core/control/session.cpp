// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/session.h"

#include <QLocalSocket>

#include <sys/socket.h>

namespace cring::control {

Session::Session(QLocalSocket *socket, qsizetype maxQueuedBytes, Dispatch dispatch, QObject *parent)
    : QObject(parent)
    , m_socket(socket)
    , m_maxQueuedBytes(maxQueuedBytes)
    , m_dispatch(std::move(dispatch))
{
    m_socket->setParent(this);
    m_socket->setReadBufferSize(readChunk);
    m_linger.setSingleShot(true);
    connect(m_socket, &QLocalSocket::readyRead, this, &Session::handleReadyRead);
    connect(m_socket, &QLocalSocket::bytesWritten, this, &Session::handleWritten);
    connect(m_socket, &QLocalSocket::disconnected, this, [this] {
        m_closing = true;
        m_linger.stop();
        Q_EMIT ended();
    });
    connect(&m_linger, &QTimer::timeout, m_socket, &QLocalSocket::abort);
    // What came with the connection may be there already, and is not signalled again. In a later turn: the
    // owner has not finished its own bookkeeping yet.
    QMetaObject::invokeMethod(this, &Session::handleReadyRead, Qt::QueuedConnection);
}

bool Session::mayRead() const
{
    return !m_closing && m_calls < maxCalls && m_socket->bytesToWrite() <= m_maxQueuedBytes;
}

void Session::handleReadyRead()
{
    // A closing session reads on into nothing: a client blocked in its write() would never read our last
    // words.
    if (m_closing) {
        m_socket->readAll();
        return;
    }
    processLines();
}

void Session::handleWritten()
{
    if (m_closing)
        finishWriting();
    else
        processLines();
}

void Session::processLines()
{
    // A handler that answers at once comes back here through sendAnswer().
    if (m_processing)
        return;
    m_processing = true;
    while (mayRead()) {
        if (const std::optional<QByteArray> line = m_lines.next()) {
            handleLine(*line);
            continue;
        }
        if (m_lines.overflowed()) {
            close({Code::ControlProtocol,
                   QStringLiteral("a message may have at most %1 bytes").arg(maxMessageBytes)});
            break;
        }
        const QByteArray bytes = m_socket->readAll();
        if (bytes.isEmpty())
            break;
        m_lines.append(bytes);
    }
    m_processing = false;
}

void Session::handleLine(const QByteArray &line)
{
    const std::variant<Request, Refusal> parsed = parseRequest(line);
    if (const auto *refusal = std::get_if<Refusal>(&parsed)) {
        write(encodeError(refusal->id, refusal->rpcCode, refusal->error));
        return;
    }
    const auto &request = std::get<Request>(parsed);
    ++m_calls;
    m_dispatch(request, std::make_shared<Call>(this, request.id, request.params));
}

void Session::sendAnswer(const QJsonValue &id, const QByteArray &line)
{
    --m_calls;
    if (m_closing)
        return;
    if (!id.isUndefined()) // JSON-RPC 2.0, 4.1: a notification is never answered.
        write(line);
    if (!m_processing && m_calls == maxCalls - 1)
        QMetaObject::invokeMethod(this, &Session::processLines, Qt::QueuedConnection);
}

void Session::sendNotification(const QByteArray &line)
{
    if (m_closing)
        return;
    if (m_socket->bytesToWrite() + line.size() > m_maxQueuedBytes) {
        close({Code::ControlBusy,
               QStringLiteral("notifications are not taken as fast as they come; subscribe again "
                              "and ask for fewer")});
        return;
    }
    write(line);
}

void Session::write(const QByteArray &line)
{
    m_socket->write(line);
}

Subscription *Session::subscribe(const QString &topic)
{
    unsubscribe(topic);
    auto *subscription = new Subscription(this);
    m_subscriptions.insert(topic, subscription);
    return subscription;
}

bool Session::unsubscribe(const QString &topic)
{
    Subscription *old = m_subscriptions.take(topic);
    if (!old)
        return false;
    old->end();
    // It may be what is just notifying us.
    old->deleteLater();
    return true;
}

void Session::close(const Error &reason)
{
    if (m_closing)
        return;
    m_closing = true;
    for (const QString &topic : m_subscriptions.keys())
        unsubscribe(topic);
    write(encodeNotification(QStringLiteral("closed"), {{QStringLiteral("code"), codeName(reason.code)},
                                                        {QStringLiteral("reason"), reason.detail}}));
    m_linger.start(lingerMs);
    finishWriting();
}

void Session::finishWriting()
{
    m_socket->flush();
    // Only our half: closing with unread requests in the kernel would reset the connection, and the client
    // might never see our last words. It hangs up when it has read them.
    if (m_socket->bytesToWrite() == 0)
        ::shutdown(static_cast<int>(m_socket->socketDescriptor()), SHUT_WR);
}

} // namespace cring::control
