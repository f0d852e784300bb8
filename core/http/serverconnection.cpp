// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/serverconnection.h"

#include "core/http/joinedwrite.h"
#include "core/http/requestid.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSslSocket>

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cring::http {

namespace {

using namespace std::chrono_literals;

constexpr qint64 kReadSize = 64 * 1024;
/// How long the rest of a body is read after its answer went out, so that the client comes to read it.
constexpr auto kDrainTime = 10s;
/// How long a client that has got everything has to close its side after we have closed ours.
constexpr auto kLingerTime = 2s;
/// Read and dropped in one go, before others get their turn.
constexpr int kDropsAtOnce = 16;

} // namespace

ServerConnection::ServerConnection(QTcpSocket *socket, const Bounds &bounds, DateField &date, QObject *parent)
    : QObject(parent)
    , m_socket(socket)
    , m_bounds(bounds)
    , m_date(date)
    , m_parser(bounds.headerBytes, bounds.bodyBytes)
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

ServerConnection::~ServerConnection()
{
    delete m_lingerNotifier;
    if (m_lingering >= 0)
        ::close(m_lingering);
}

void ServerConnection::setState(State state)
{
    m_state = state;
    m_stateIsNew = true;
}

/// Requests, or what is left of one. Who does not take its answers is asked for no further request.
bool ServerConnection::reads() const
{
    return (m_state == State::Idle && pending() < kHighWater) || m_state == State::Header ||
           m_state == State::Draining ||
           (m_state == State::Request && !m_exchange.requestDone); // a pipelined request waits in the socket
}

/// Bytes of a request have come, read or not.
bool ServerConnection::hasInput() const
{
    if (!m_input.isEmpty() || m_socket->bytesAvailable() > 0)
        return true;
    int bytes = 0; // over TLS they need not be a request's
    return !qobject_cast<QSslSocket *>(m_socket) && ::ioctl(descriptor(), FIONREAD, &bytes) == 0 && bytes > 0;
}

qint64 ServerConnection::pending() const
{
    qint64 bytes = m_socket->bytesToWrite();
    if (const auto *tls = qobject_cast<const QSslSocket *>(m_socket))
        bytes += tls->encryptedBytesToWrite();
    return bytes;
}

int ServerConnection::descriptor() const
{
    return m_lingering >= 0 ? m_lingering : static_cast<int>(m_socket->socketDescriptor());
}

/// Bytes that the kernel holds for the client, and an end of the stream.
int ServerConnection::unacknowledged() const
{
    int bytes = 0;
    const int fd = descriptor();
    return fd >= 0 && ::ioctl(fd, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

/// Linger 0 makes close() send RST.
void ServerConnection::resetOnClose(bool reset)
{
    const linger option{reset ? 1 : 0, 0};
    if (const int fd = descriptor(); fd >= 0)
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &option, sizeof option);
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
    if (m_state == State::Closing) {
        m_socket->skip(m_socket->bytesAvailable());
        return;
    }
    // A TLS socket that is flushed tells of what has come meanwhile: that is behind what is being read.
    if (std::exchange(m_reading, true))
        return;
    const QPointer<ServerConnection> guard(this);
    while (guard && m_pauses == 0 && reads()) {
        if (m_socket->bytesAvailable() <= 0 && (m_input.isEmpty() || m_state != State::Idle))
            break;
        consume(m_socket->read(kReadSize));
    }
    if (guard)
        m_reading = false;
}

void ServerConnection::consume(const QByteArray &chunk)
{
    touch();
    const QPointer<ServerConnection> guard(this);
    const QByteArray input = m_input.isEmpty() ? chunk : m_input + chunk;
    m_input.clear();
    QByteArrayView rest(input);
    while (guard && reads()) {
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
        beginExchange();
        return;
    case Parser::Event::Body:
        if (m_handler && m_state == State::Request)
            m_handler->handleBody(step.body.size() == chunk.size() ? chunk : step.body.toByteArray());
        return;
    case Parser::Event::End:
        m_exchange.requestDone = true;
        if (m_exchange.responseDone)
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

void ServerConnection::beginExchange()
{
    const RequestHead &head = m_parser.head();
    m_exchange = {};
    m_exchange.id = makeRequestId();
    m_exchange.expectContinue = head.expectContinue;
    m_exchange.head = head.method == "HEAD";
    m_exchange.oldVersion = head.minor == 0;
    m_closeAfter = m_closeAfter || !head.keepAlive;
    setState(State::Request);
    Q_EMIT requestStarted(this);
}

/// The bytes are no request, or no body, as we read them: nothing that follows them can be trusted.
void ServerConnection::refuse()
{
    m_closeAfter = true;
    if (m_state == State::Draining) {
        beginClosing(); // its answer is complete
        return;
    }
    if (IRequestEvents *handler = std::exchange(m_handler, nullptr))
        handler->handleClientGone();
    if (m_exchange.responseStarted) {
        abort();
        return;
    }
    const int status = m_parser.failureStatus();
    Q_EMIT malformed(status, m_parser.error());
    m_exchange.requestDone = true;
    setState(State::Request);
    Headers headers;
    headers.append("Content-Type", "application/json");
    const QJsonObject message{{QStringLiteral("message"), m_parser.error().detail}};
    respond(status, headers, QJsonDocument(message).toJson(QJsonDocument::Compact) + '\n');
}

void ServerConnection::sendContinue()
{
    if (!m_exchange.expectContinue || m_exchange.responseStarted)
        return;
    m_exchange.expectContinue = false;
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
    Q_ASSERT(m_state == State::Request && !m_exchange.responseStarted);
    m_exchange.responseStarted = true;
    // A client that waits for 100 and gets a final answer may send its body or not (RFC 9110 §10.1.1): not to
    // be guessed.
    if (!m_exchange.requestDone && m_exchange.expectContinue)
        m_closeAfter = true;
    const bool neverHasOne = status == 204 || status == 304;
    m_exchange.bodiless = m_exchange.head || neverHasOne;
    headers.set("Date", m_date.value());
    if (!m_exchange.id.isEmpty())
        headers.set(kRequestIdField, m_exchange.id);
    if (length >= 0 && !neverHasOne) {
        headers.set("Content-Length", QByteArray::number(length));
    } else if (length < 0 && !m_exchange.bodiless) {
        m_exchange.chunked = !m_exchange.oldVersion;
        if (m_exchange.chunked) {
            headers.set("Transfer-Encoding", "chunked");
        } else {
            // Only the end of the connection tells the end of the body: none may come before its time.
            m_closeAfter = true;
            resetOnClose(true);
        }
    }
    if (m_closeAfter)
        headers.set("Connection", "close");
    m_exchange.responseHead = serialise(status, headers);
}

/// Only with what follows it, so that both can leave in one write.
void ServerConnection::writeHead()
{
    if (!m_exchange.responseHead.isEmpty())
        m_socket->write(std::exchange(m_exchange.responseHead, {}));
}

void ServerConnection::writeBody(const QByteArray &data)
{
    if (m_state == State::Closed || data.isEmpty() || m_exchange.bodiless)
        return;
    writeHead();
    if (m_exchange.chunked)
        m_socket->write(chunkPrefix(data.size()));
    writeJoined(*m_socket, data);
    if (m_exchange.chunked)
        m_socket->write("\r\n");
    m_exchange.overLowWater = m_exchange.overLowWater || pending() > kLowWater;
    touch();
}

void ServerConnection::endResponse()
{
    if (m_state == State::Closed)
        return;
    writeHead();
    if (m_exchange.chunked)
        m_socket->write(kLastChunk.toByteArray());
    m_exchange.responseDone = true;
    m_handler = nullptr;
    discardPauses();
    if (m_exchange.requestDone)
        finishExchange();
    else if (m_exchange.expectContinue)
        beginClosing();
    else
        setState(State::Draining);
    // Now rather than in the loop's next turn: before a client is found to have closed its side.
    if (m_state != State::Closed)
        m_socket->flush();
}

void ServerConnection::finishExchange()
{
    m_handler = nullptr;
    m_exchange = {};
    if (m_closeAfter) {
        beginClosing();
        return;
    }
    setState(State::Idle);
    // Queued: this may be deep inside the parsing of the request that has just ended.
    QMetaObject::invokeMethod(this, &ServerConnection::handleReadyRead, Qt::QueuedConnection);
}

/// Orderly, in steps: what was written leaves; our side is closed; the client takes what the kernel has for
/// it, and closes its own side. To close both sides with bytes unread sends a reset, and the answer is lost
/// on its way (RFC 9112 §9.6). What still comes is dropped.
void ServerConnection::beginClosing()
{
    m_input.clear();
    setState(State::Closing);
    QMetaObject::invokeMethod(this, &ServerConnection::handleReadyRead, Qt::QueuedConnection);
    lingerWhenWritten();
}

void ServerConnection::lingerWhenWritten()
{
    // Queued: this may be inside one of the socket's signals, which ends here.
    if (m_state == State::Closing && pending() == 0)
        QMetaObject::invokeMethod(this, &ServerConnection::beginLingering, Qt::QueuedConnection);
}

void ServerConnection::beginLingering()
{
    if (m_state != State::Closing || pending() > 0)
        return;
    resetOnClose(false);
    m_lingering = ::fcntl(descriptor(), F_DUPFD_CLOEXEC, 0);
    if (m_lingering < 0) {
        closeNow();
        return;
    }
    setState(State::Lingering);
    // TLS says that nothing more comes; then Qt closes its descriptor, and ours is left.
    m_socket->disconnectFromHost();
}

void ServerConnection::dropInput()
{
    static thread_local char dropped[kReadSize];
    for (int i = 0; i < kDropsAtOnce; ++i) {
        const ssize_t size = ::recv(m_lingering, dropped, sizeof dropped, MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
            return;
        if (size <= 0) {
            closeNow();
            return;
        }
    }
}

void ServerConnection::handleBytesWritten()
{
    touch();
    if (m_state == State::Closing) {
        lingerWhenWritten();
        return;
    }
    if (m_exchange.overLowWater && pending() <= kLowWater) {
        m_exchange.overLowWater = false;
        if (m_handler)
            m_handler->handleWritable();
    }
    const bool waits = !m_input.isEmpty() || m_socket->bytesAvailable() > 0;
    if (m_state == State::Idle && waits && pending() <= kLowWater)
        QMetaObject::invokeMethod(this, &ServerConnection::handleReadyRead, Qt::QueuedConnection);
}

void ServerConnection::handleDisconnected()
{
    if (m_state == State::Lingering) {
        ::shutdown(m_lingering, SHUT_WR);
        m_lingerNotifier = new QSocketNotifier(m_lingering, QSocketNotifier::Read, this);
        connect(m_lingerNotifier, &QSocketNotifier::activated, this, &ServerConnection::dropInput);
        return;
    }
    if (m_state != State::Closed)
        closeNow();
}

/// The end, without a reset unless resetOnClose() has asked for one.
void ServerConnection::closeNow()
{
    setState(State::Closed);
    if (m_lingerNotifier)
        m_lingerNotifier->setEnabled(false);
    m_socket->abort();
    if (m_lingering >= 0)
        ::close(std::exchange(m_lingering, -1));
    if (IRequestEvents *handler = std::exchange(m_handler, nullptr))
        handler->handleClientGone();
    Q_EMIT closed();
    deleteLater();
}

void ServerConnection::abort()
{
    if (m_state == State::Closed)
        return;
    m_handler = nullptr;
    resetOnClose(true);
    closeNow();
}

/// Cuts the connection for the client's fault, which its handler has not heard of.
void ServerConnection::giveUp()
{
    if (IRequestEvents *handler = std::exchange(m_handler, nullptr))
        handler->handleClientGone();
    abort();
}

/// No request is under way; the last answer may be.
void ServerConnection::closeQuietly()
{
    if (pending() > 0 || unacknowledged() > 0)
        beginClosing();
    else
        closeNow();
}

void ServerConnection::closeWhenDone()
{
    m_closeAfter = true;
    if (m_state == State::Handshake)
        closeNow();
    else if (m_state == State::Idle && !hasInput())
        closeQuietly();
}

/// Since the last look: something was read or written, or the client has taken some of what the kernel holds.
bool ServerConnection::progressed()
{
    const int left = unacknowledged();
    const bool taken = left < std::exchange(m_unacknowledged, left);
    return std::exchange(m_progress, false) || taken;
}

void ServerConnection::checkDeadline(std::chrono::milliseconds now)
{
    if (m_state == State::Closed)
        return;
    // A header and the rest of a body have their time in all; everything else has it without progress.
    const bool counts = m_state != State::Header && m_state != State::Draining;
    if ((progressed() && counts) || m_stateIsNew) {
        m_stateIsNew = false;
        m_since = now;
    } else if (now - m_since >= allowedWait()) {
        handleExpired();
    }
}

std::chrono::milliseconds ServerConnection::allowedWait() const
{
    switch (m_state) {
    case State::Handshake:
    case State::Header:
        return m_bounds.headerTime;
    case State::Draining:
        return std::min<std::chrono::milliseconds>(kDrainTime, m_bounds.idleTime);
    case State::Lingering:
        return m_unacknowledged > 0 ? m_bounds.idleTime
                                    : std::min<std::chrono::milliseconds>(kLingerTime, m_bounds.idleTime);
    default:
        return m_bounds.idleTime;
    }
}

void ServerConnection::handleExpired()
{
    switch (m_state) {
    case State::Handshake:
        closeNow();
        return;
    case State::Idle:
    case State::Header:
        closeQuietly();
        return;
    case State::Draining:
        m_closeAfter = true;
        beginClosing();
        return;
    case State::Lingering:
        if (m_unacknowledged == 0) {
            closeNow();
            return;
        }
        [[fallthrough]];
    case State::Request:
    case State::Closing:
        giveUp();
        return;
    case State::Closed:
        return;
    }
}

} // namespace cring::http
