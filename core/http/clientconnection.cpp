// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/clientconnection.h"

#include "core/http/joinedwrite.h"

#include <QSslError>
#include <QSslSocket>

namespace cring::http {

namespace {

using namespace std::chrono_literals;

/// How long a server may take to read the rest of a request that it has answered.
constexpr auto kRestTime = 30s;
/// Bytes read at a time, and kept by Qt for a paused reader.
constexpr qint64 kReadSize = 64 * 1024;

Error connectionError(const QTcpSocket &socket)
{
    switch (socket.error()) {
    case QAbstractSocket::ConnectionRefusedError:
        return {Code::BackendUnreachable, QStringLiteral("refused the connection")};
    case QAbstractSocket::HostNotFoundError:
        return {Code::BackendUnreachable, QStringLiteral("its host name cannot be resolved")};
    case QAbstractSocket::RemoteHostClosedError:
        return {Code::BackendUnreachable, QStringLiteral("closed the connection")};
    case QAbstractSocket::SslHandshakeFailedError:
        return {Code::BackendTls, QStringLiteral("TLS failed: %1").arg(socket.errorString())};
    default:
        return {Code::BackendUnreachable, socket.errorString()};
    }
}

} // namespace

QByteArray Origin::authority() const
{
    const QString bracketed = host.contains(u':') ? u'[' + host + u']' : host;
    return bracketed.toLatin1() + ':' + QByteArray::number(port);
}

ClientConnection::ClientConnection(const Origin &origin, QObject *parent, Traffic *traffic)
    : QObject(parent)
    , m_origin(origin)
    , m_traffic(traffic)
    , m_socket(origin.tls ? new QSslSocket(this) : new QTcpSocket(this))
{
    m_socket->setReadBufferSize(kReadSize);
    connect(m_socket, &QTcpSocket::readyRead, this, &ClientConnection::handleReadyRead);
    connect(m_socket, &QTcpSocket::bytesWritten, this, &ClientConnection::handleBytesWritten);
    connect(m_socket, &QTcpSocket::disconnected, this, &ClientConnection::handleDisconnected);
    connect(m_socket, &QTcpSocket::errorOccurred, this, &ClientConnection::handleSocketError);

    m_connectTimer.setSingleShot(true);
    connect(&m_connectTimer, &QTimer::timeout, this, [this] {
        fail({Code::BackendTimeout, QStringLiteral("did not accept a connection within %1 ms")
                                        .arg(m_origin.connectTimeout.count())});
    });
    m_connectTimer.start(m_origin.connectTimeout);

    if (auto *tls = qobject_cast<QSslSocket *>(m_socket)) {
        tls->setSslConfiguration(origin.ssl);
        connect(tls, &QSslSocket::encrypted, this, &ClientConnection::handleConnected);
        // bytesWritten() tells of what was encrypted; pending() falls once more when that has left.
        connect(tls, &QSslSocket::encryptedBytesWritten, this, &ClientConnection::handleBytesWritten);
        tls->connectToHostEncrypted(origin.host, origin.port);
    } else {
        connect(m_socket, &QTcpSocket::connected, this, &ClientConnection::handleConnected);
        m_socket->connectToHost(origin.host, origin.port);
    }
}

ClientConnection::~ClientConnection() = default;

void ClientConnection::setState(State state)
{
    m_state = state;
}

void ClientConnection::handleConnected()
{
    if (m_state == State::Closed)
        return;
    m_connectTimer.stop();
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    // An abandoned exchange is waited for until the peer answers or dies: this is how its death is seen.
    m_socket->setSocketOption(QAbstractSocket::KeepAliveOption, 1);
    if (m_state == State::Connecting)
        setState(m_exchanges > 0 ? State::Busy : State::Idle);
    for (const QByteArray &data : std::exchange(m_early, {}))
        writeJoined(*m_socket, data);
    m_earlyBytes = 0;
    if (m_state == State::Idle)
        Q_EMIT becameIdle();
    else
        completeIfDone();
}

void ClientConnection::begin(IExchangeEvents *events, const QByteArray &head, bool noResponseBody)
{
    Q_ASSERT(m_state == State::Idle || (m_state == State::Connecting && m_exchanges == 0));
    m_events = events;
    ++m_exchanges;
    if (m_traffic)
        ++m_traffic->requests;
    m_requestDone = m_responseDone = m_answered = m_overLowWater = false;
    m_parser.expectNoBody(noResponseBody);
    if (m_state == State::Idle)
        setState(State::Busy);
    write(head);
}

void ClientConnection::write(const QByteArray &data)
{
    if (m_state == State::Closed || data.isEmpty())
        return;
    if (m_traffic)
        m_traffic->bytesSent += static_cast<quint64>(data.size());
    if (m_state == State::Connecting) {
        m_early.append(data);
        m_earlyBytes += data.size();
    } else {
        writeJoined(*m_socket, data);
    }
    m_overLowWater = m_overLowWater || pending() > kLowWater;
}

void ClientConnection::endRequest()
{
    m_requestDone = true;
    completeIfDone();
}

qint64 ClientConnection::pending() const
{
    qint64 bytes = m_earlyBytes + m_socket->bytesToWrite();
    if (m_origin.tls)
        bytes += static_cast<QSslSocket *>(m_socket)->encryptedBytesToWrite();
    return bytes;
}

void ClientConnection::pauseReading()
{
    ++m_pauses;
}

void ClientConnection::resumeReading()
{
    Q_ASSERT(m_pauses > 0);
    // Queued: whoever resumes is in the middle of something, and a closed peer's last bytes raise no signal
    // any more.
    if (--m_pauses == 0)
        QMetaObject::invokeMethod(this, &ClientConnection::handleReadyRead, Qt::QueuedConnection);
}

void ClientConnection::handleReadyRead()
{
    const QPointer<ClientConnection> guard(this);
    while (guard && m_state != State::Closed && m_pauses == 0 && m_socket->bytesAvailable() > 0)
        consume(m_socket->read(kReadSize));
    if (guard && m_state != State::Closed && m_pauses == 0 &&
        m_socket->state() == QAbstractSocket::UnconnectedState)
        handleDisconnected();
}

void ClientConnection::consume(const QByteArray &chunk)
{
    if (m_state == State::Idle || m_responseDone) {
        // RFC 9112 §9.3: nothing may come without a request; what does would be taken for the next answer.
        abort();
        return;
    }
    m_answered = true;
    if (m_traffic)
        m_traffic->bytesReceived += static_cast<quint64>(chunk.size());
    const QPointer<ClientConnection> guard(this);
    const bool fresh = m_input.isEmpty();
    m_input = fresh ? chunk : m_input + chunk;
    const QByteArray input = m_input; // the views below point into it, whatever handlers do to m_input
    QByteArrayView rest(input);
    for (;;) {
        const Parser::Step step = m_parser.next(rest);
        rest = rest.sliced(step.consumed);
        if (step.event == Parser::Event::NeedMore)
            break;
        if (!handleStep(step, input, !rest.isEmpty()) || !guard || m_state != State::Busy)
            return;
    }
    m_input = rest.isEmpty() ? QByteArray() : rest.toByteArray();
}

/// False when the connection is not to be read any further. `more`: bytes have come behind this step.
bool ClientConnection::handleStep(const Parser::Step &step, const QByteArray &chunk, bool more)
{
    switch (step.event) {
    case Parser::Event::Head:
        if (m_parser.head().status / 100 == 1)
            return true;
        m_keepAlive = m_parser.head().keepAlive && m_parser.head().framing != Framing::UntilClose;
        if (m_events)
            m_events->handleHead(m_parser.head());
        return true;
    case Parser::Event::Body:
        if (m_events)
            m_events->handleBody(step.body.size() == chunk.size() ? chunk : step.body.toByteArray());
        return true;
    case Parser::Event::End:
        if (m_parser.head().status / 100 == 1) {
            if (m_parser.head().status == 100 && m_events)
                m_events->handleContinue();
            return true;
        }
        // What follows an answer is an answer to nothing, and whoever asks next would take it for his.
        m_keepAlive = m_keepAlive && !more && m_socket->bytesAvailable() == 0;
        m_input.clear();
        finishResponse();
        return false;
    case Parser::Event::Failed:
        fail(m_parser.error());
        return false;
    case Parser::Event::NeedMore:
        break;
    }
    return false;
}

void ClientConnection::finishResponse()
{
    m_responseDone = true;
    // The listener may be gone as soon as it has heard of the end, and this connection still has to send.
    IExchangeEvents *events = std::exchange(m_events, nullptr);
    // Free before the listener hears of it: its next exchange may take this very connection.
    completeIfDone();
    if (m_state == State::Busy)
        boundRest();
    if (events)
        events->handleFinished();
}

/// An answered request is still being sent: nobody waits for that any more, so it has to end by itself.
void ClientConnection::boundRest()
{
    QTimer::singleShot(kRestTime, this, [this, exchange = m_exchanges] {
        if (m_state == State::Busy && m_responseDone && m_exchanges == exchange)
            abort();
    });
}

void ClientConnection::completeIfDone()
{
    if (m_state != State::Busy || !m_responseDone || !m_requestDone || pending() > 0)
        return;
    if (!m_keepAlive || m_socket->state() != QAbstractSocket::ConnectedState) {
        abort();
        return;
    }
    setState(State::Idle);
    Q_EMIT becameIdle();
}

void ClientConnection::handleBytesWritten()
{
    if (m_overLowWater && pending() <= kLowWater) {
        m_overLowWater = false;
        const QPointer<ClientConnection> guard(this);
        if (m_events)
            m_events->handleWritable();
        if (!guard)
            return;
    }
    if (m_responseDone)
        completeIfDone();
}

void ClientConnection::handleDisconnected()
{
    if (m_state == State::Closed || m_pauses > 0)
        return;
    if (m_state == State::Busy && m_socket->bytesAvailable() > 0)
        return; // handleReadyRead comes back when all was read
    if (m_state == State::Busy && !m_responseDone && !m_parser.idle()) {
        if (m_parser.finish().event == Parser::Event::End) {
            m_keepAlive = false;
            finishResponse();
            if (m_state != State::Closed)
                abort();
            return;
        }
    }
    fail(m_parser.idle()
             ? Error{Code::BackendUnreachable, QStringLiteral("closed the connection without an answer")}
             : Error{Code::BackendProtocol, QStringLiteral("cut its answer short")});
}

void ClientConnection::handleSocketError()
{
    // The end of the stream is told by disconnected(), after what was still to be read.
    if (m_socket->error() == QAbstractSocket::RemoteHostClosedError || m_state == State::Closed)
        return;
    if (m_state != State::Connecting)
        handleReadyRead(); // what came before a reset may be the answer
    if (m_state != State::Closed && m_state != State::Idle && m_pauses == 0)
        fail(connectionError(*m_socket));
    else if (m_state == State::Idle)
        abort();
}

void ClientConnection::fail(const Error &error)
{
    if (m_state == State::Closed)
        return;
    countFailure();
    IExchangeEvents *events = std::exchange(m_events, nullptr);
    abort();
    if (events)
        events->handleFailed(error);
}

void ClientConnection::countFailure()
{
    if (m_traffic && m_state != State::Idle && m_state != State::Closed && !m_responseDone)
        ++m_traffic->failures;
}

void ClientConnection::giveUp()
{
    countFailure();
    abort();
}

void ClientConnection::abort()
{
    if (m_state == State::Closed)
        return;
    setState(State::Closed);
    m_events = nullptr;
    m_connectTimer.stop();
    m_socket->abort();
    Q_EMIT closed();
    deleteLater();
}

} // namespace cring::http
