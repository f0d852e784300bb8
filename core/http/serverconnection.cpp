// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/serverconnection.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSslSocket>

#include <sys/socket.h>

namespace cring::http {

namespace {

using namespace std::chrono_literals;

constexpr qint64 kReadSize = 64 * 1024;
/// How long the rest of a body is read after its answer went out, so that the client comes to read it.
constexpr auto kDrainTime = 10s;
/// How long a client has to close its side after we have closed ours.
constexpr auto kLingerTime = 2s;

} // namespace

ServerConnection::ServerConnection(QTcpSocket *socket, const Bounds &bounds, QObject *parent)
    : QObject(parent)
    , m_socket(socket)
    , m_bounds(bounds)
    , m_parser(bounds.headerBytes, bounds.bodyBytes)
    , m_peer(socket->peerAddress())
{
    socket->setParent(this);
    socket->setReadBufferSize(kReadSize);
    socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    connect(socket, &QTcpSocket::readyRead, this, &ServerConnection::handleReadyRead);
    connect(socket, &QTcpSocket::bytesWritten, this, &ServerConnection::handleBytesWritten);
    connect(socket, &QTcpSocket::disconnected, this, &ServerConnection::handleDisconnected);
    if (auto *tls = qobject_cast<QSslSocket *>(socket)) {
        setState(State::Handshake);
        connect(tls, &QSslSocket::encrypted, this, [this] { setState(State::Idle); });
        // bytesWritten() tells of what was encrypted; pending() falls once more when that has left.
        connect(tls, &QSslSocket::encryptedBytesWritten, this, &ServerConnection::handleBytesWritten);
        connect(tls, &QSslSocket::errorOccurred, this, [this] {
            if (m_state == State::Handshake)
                abort();
        });
        tls->startServerEncryption();
    } else if (socket->bytesAvailable() > 0) {
        QMetaObject::invokeMethod(this, &ServerConnection::handleReadyRead, Qt::QueuedConnection);
    }
}

ServerConnection::~ServerConnection() = default;

void ServerConnection::setState(State state)
{
    m_state = state;
    m_stateIsNew = true;
}

qint64 ServerConnection::pending() const
{
    qint64 bytes = m_socket->bytesToWrite();
    if (const auto *tls = qobject_cast<const QSslSocket *>(m_socket))
        bytes += tls->encryptedBytesToWrite();
    return bytes;
}

void ServerConnection::pauseReading()
{
    ++m_pauses;
}

void ServerConnection::resumeReading()
{
    if (m_pauses > 0 && --m_pauses == 0)
        QMetaObject::invokeMethod(this, &ServerConnection::handleReadyRead, Qt::QueuedConnection);
}

/// Pauses belong to the handler of one request and end with it.
void ServerConnection::discardPauses()
{
    if (m_pauses > 0) {
        m_pauses = 1;
        resumeReading();
    }
}

void ServerConnection::handleReadyRead()
{
    const QPointer<ServerConnection> guard(this);
    if (m_state == State::Closing) {
        m_socket->skip(m_socket->bytesAvailable());
        return;
    }
    while (guard && m_pauses == 0 && m_state != State::Closed && m_state != State::Closing &&
           m_state != State::Handshake) {
        if (m_state == State::Request && m_requestDone)
            return; // a pipelined request waits in the socket
        if (m_socket->bytesAvailable() <= 0 && (m_input.isEmpty() || m_state != State::Idle))
            break;
        consume(m_socket->read(kReadSize));
    }
    if (guard && m_state != State::Closed && m_pauses == 0 &&
        m_socket->state() == QAbstractSocket::UnconnectedState)
        handleDisconnected();
}

void ServerConnection::consume(const QByteArray &chunk)
{
    touch();
    const QPointer<ServerConnection> guard(this);
    const QByteArray input = m_input.isEmpty() ? chunk : m_input + chunk;
    m_input.clear();
    QByteArrayView rest(input);
    while (guard && m_state != State::Closed && m_state != State::Closing &&
           !(m_state == State::Request && m_requestDone)) {
        const Parser::Step step = m_parser.next(rest);
        rest = rest.sliced(step.consumed);
        if (step.event == Parser::Event::NeedMore)
            break;
        handleStep(step, input);
    }
    if (!guard)
        return;
    m_input = rest.toByteArray();
    if (m_state == State::Idle && !m_parser.idle())
        setState(State::Header);
}

void ServerConnection::handleStep(const Parser::Step &step, const QByteArray &chunk)
{
    switch (step.event) {
    case Parser::Event::Head:
        m_requestDone = m_responseStarted = m_responseDone = m_continueSent = m_overLowWater = false;
        m_closeAfter = m_closeAfter || !m_parser.head().keepAlive;
        setState(State::Request);
        Q_EMIT requestStarted(this);
        return;
    case Parser::Event::Body:
        if (m_handler && m_state == State::Request)
            m_handler->handleBody(step.body.size() == chunk.size() ? chunk : step.body.toByteArray());
        return;
    case Parser::Event::End:
        m_requestDone = true;
        if (m_state == State::Draining || m_responseDone)
            finishExchange();
        else if (m_handler)
            m_handler->handleRequestEnd();
        return;
    case Parser::Event::Failed:
        refuse();
        return;
    case Parser::Event::NeedMore:
        return;
    }
}

/// The bytes are no request, or no body, as we read them: nothing that follows them can be trusted.
void ServerConnection::refuse()
{
    if (m_state == State::Request || m_state == State::Draining) {
        if (IRequestEvents *handler = std::exchange(m_handler, nullptr))
            handler->handleClientGone();
        if (m_responseStarted || m_state == State::Draining) {
            abort();
            return;
        }
    }
    const int status = m_parser.failureStatus();
    Q_EMIT malformed(status, m_parser.error());
    m_closeAfter = m_requestDone = true;
    setState(State::Request);
    Headers headers;
    headers.append("Content-Type", "application/json");
    const QJsonObject message{{QStringLiteral("message"), m_parser.error().detail}};
    respond(status, headers, QJsonDocument(message).toJson(QJsonDocument::Compact) + '\n');
}

void ServerConnection::sendContinue()
{
    if (m_continueSent || m_responseStarted || !m_parser.head().expectContinue)
        return;
    m_continueSent = true;
    m_socket->write("HTTP/1.1 100 Continue\r\n\r\n");
}

void ServerConnection::respond(int status, Headers headers, const QByteArray &body)
{
    beginResponse(status, std::move(headers), body.size());
    writeBody(body);
    endResponse();
}

void ServerConnection::beginResponse(int status, Headers headers, qint64 length)
{
    Q_ASSERT(m_state == State::Request && !m_responseStarted);
    m_responseStarted = true;
    // A client that waits for 100 and gets a final answer may send its body or not (RFC 9110 §10.1.1): not to
    // be guessed.
    if (!m_requestDone && m_parser.head().expectContinue && !m_continueSent)
        m_closeAfter = true;
    m_chunked = length < 0 && m_parser.head().minor >= 1;
    if (length >= 0)
        headers.set("Content-Length", QByteArray::number(length));
    else if (m_chunked)
        headers.set("Transfer-Encoding", "chunked");
    else
        m_closeAfter = true;
    if (m_closeAfter)
        headers.set("Connection", "close");
    m_socket->write(serialise(status, headers));
}

void ServerConnection::writeBody(const QByteArray &data)
{
    if (m_state == State::Closed || data.isEmpty() || m_parser.head().method == "HEAD")
        return;
    if (m_chunked)
        m_socket->write(chunkPrefix(data.size()));
    m_socket->write(data);
    if (m_chunked)
        m_socket->write("\r\n");
    m_overLowWater = m_overLowWater || pending() > kLowWater;
    touch();
}

void ServerConnection::endResponse()
{
    if (m_state == State::Closed)
        return;
    if (m_chunked && m_parser.head().method != "HEAD")
        m_socket->write(kLastChunk.toByteArray());
    m_responseDone = true;
    m_handler = nullptr;
    discardPauses();
    if (m_requestDone) {
        finishExchange();
    } else if (m_parser.head().expectContinue && !m_continueSent) {
        beginClosing();
    } else {
        setState(State::Draining);
    }
}

void ServerConnection::finishExchange()
{
    m_handler = nullptr;
    if (m_closeAfter) {
        beginClosing();
        return;
    }
    setState(State::Idle);
    // Queued: this may be deep inside the parsing of the request that has just ended.
    QMetaObject::invokeMethod(this, &ServerConnection::handleReadyRead, Qt::QueuedConnection);
}

/// Closes our side and waits for the client to close its own: closing both with bytes unread sends a reset,
/// and the answer is lost on its way (RFC 9112 §9.6).
void ServerConnection::beginClosing()
{
    setState(State::Closing);
    if (qobject_cast<QSslSocket *>(m_socket))
        m_socket->disconnectFromHost();
    else if (pending() == 0)
        shutDownWriting();
    QMetaObject::invokeMethod(this, &ServerConnection::handleReadyRead, Qt::QueuedConnection);
}

void ServerConnection::shutDownWriting()
{
    m_socket->flush();
    if (const qintptr fd = m_socket->socketDescriptor(); fd >= 0)
        ::shutdown(static_cast<int>(fd), SHUT_WR);
}

void ServerConnection::handleBytesWritten()
{
    touch();
    if (m_state == State::Closing && pending() == 0 && !qobject_cast<QSslSocket *>(m_socket)) {
        shutDownWriting();
        return;
    }
    if (m_overLowWater && pending() <= kLowWater) {
        m_overLowWater = false;
        if (m_handler)
            m_handler->handleWritable();
    }
}

void ServerConnection::handleDisconnected()
{
    if (m_state == State::Closed)
        return;
    setState(State::Closed);
    if (IRequestEvents *handler = std::exchange(m_handler, nullptr))
        handler->handleClientGone();
    Q_EMIT closed();
    deleteLater();
}

void ServerConnection::abort()
{
    if (m_state == State::Closed)
        return;
    // Linger 0 makes close() send RST: a client must not take what it has got for a body that ends with the
    // connection.
    if (const qintptr fd = m_socket->socketDescriptor(); fd >= 0) {
        const linger hard{1, 0};
        ::setsockopt(static_cast<int>(fd), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    m_handler = nullptr;
    m_socket->abort();
    handleDisconnected();
}

/// Cuts the connection for the client's fault, which its handler has not heard of.
void ServerConnection::giveUp()
{
    if (IRequestEvents *handler = std::exchange(m_handler, nullptr))
        handler->handleClientGone();
    abort();
}

void ServerConnection::closeWhenDone()
{
    m_closeAfter = true;
    if (m_state == State::Idle)
        abort();
}

void ServerConnection::checkDeadline(std::chrono::milliseconds now)
{
    // A header has its time in all; everything else has it without progress.
    const bool progressCounts =
        m_state != State::Header && m_state != State::Draining && m_state != State::Closing;
    if (std::exchange(m_stateIsNew, false) || (std::exchange(m_progress, false) && progressCounts))
        m_since = now;
    else if (now - m_since >= allowedWait())
        giveUp();
}

std::chrono::milliseconds ServerConnection::allowedWait() const
{
    switch (m_state) {
    case State::Handshake:
    case State::Header:
        return m_bounds.headerTime;
    case State::Draining:
        return std::min<std::chrono::milliseconds>(kDrainTime, m_bounds.idleTime);
    case State::Closing:
        return kLingerTime;
    default:
        return m_bounds.idleTime;
    }
}

} // namespace cring::http
