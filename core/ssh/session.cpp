// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/session.h"

#include "core/health/primary.h"
#include "core/ssh/standbyserver.h"

#include <QLoggingCategory>

namespace cring::ssh {
using std::chrono::milliseconds;
using Kind = SocketEnd::Io::Kind;

namespace {

Q_LOGGING_CATEGORY(logSession, "cring.ssh")

/// What a client may say before a server is found; a key exchange needs about 2 KiB.
constexpr qsizetype kMostAhead = 64 * 1024;

const char *nameOf(Session::State state)
{
    switch (state) {
    case Session::State::Dialling:
        return "dialling";
    case Session::State::AwaitingBanner:
        return "awaiting banner";
    case Session::State::Open:
        return "open";
    case Session::State::Refusing:
        return "refusing";
    case Session::State::Over:
        return "over";
    }
    Q_UNREACHABLE();
}

/// Lines before the identification line are for people (RFC 4253 §4.2); ssh -v shows them.
QByteArray refusal(const QStringList &reasons, bool closed)
{
    QString text = reasons.join(QStringLiteral("; "));
    text.replace(QLatin1Char('\r'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
    return (closed ? QByteArrayLiteral("charmed ring: accounts are closed: ")
                   : QByteArrayLiteral("charmed ring: no Charm server answers: ")) +
           text.toUtf8() + "\r\n";
}

} // namespace

Session::Session(std::unique_ptr<SocketEnd> client, http::ConnectionQuota::Ticket ticket,
                 const Context &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_ticket(std::move(ticket))
    , m_client(std::move(client))
    , m_backends(&context.primary.backends())
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Session::handleTimer);
    connect(m_client.get(), &SocketEnd::readable, this, &Session::handleClientReadable);
    connect(m_client.get(), &SocketEnd::writable, this, &Session::handleClientWritable);
}

Session::~Session()
{
    leave();
}

void Session::start()
{
    if (m_context.standby && m_context.standby->closed()) {
        m_client->watchRead(true);
        tryNext();
        return;
    }
    m_candidates = m_context.primary.candidates();
    for (const health::Backend *backend : m_backends->all()) {
        if (!m_candidates.contains(backend))
            m_reasons.append(backend->label() + QLatin1Char(' ') + backend->unusableReason());
    }
    m_client->watchRead(true);
    tryNext();
}

void Session::enter(State next)
{
    qCDebug(logSession, "session %p: %s -> %s (%s)", static_cast<void *>(this), nameOf(m_state), nameOf(next),
            qUtf8Printable(partner()));
    m_state = next;
}

QString Session::reasons() const
{
    return m_reasons.join(QStringLiteral("; "));
}

/// For the log.
QString Session::partner() const
{
    if (const health::Backend *backend = m_committed ? m_committed : m_trying)
        return backend->label();
    return m_standbyTicket ? QStringLiteral("the standby account server") : QStringLiteral("no server");
}

void Session::tryNext()
{
    while (!m_candidates.isEmpty()) {
        health::Backend *backend = m_candidates.takeFirst();
        if (!backend->sshBreaker().allows()) {
            m_reasons.append(backend->label() + QLatin1Char(' ') + backend->sshBreaker().lastReason());
            continue;
        }
        m_trying = backend;
        enter(State::Dialling);
        m_dialler = std::make_unique<Dialler>();
        connect(m_dialler.get(), &Dialler::connected, this, &Session::handleConnected);
        connect(m_dialler.get(), &Dialler::failed, this, &Session::attemptFailed);
        m_dialler->dial(backend->host(), backend->server().sshPort, m_context.timing.connect);
        return;
    }
    if (!handToStandby())
        refuse();
}

void Session::handleConnected()
{
    m_server = std::make_unique<SocketEnd>(m_dialler->takeSocket());
    connect(m_server.get(), &SocketEnd::readable, this, &Session::handleServerReadable);
    connect(m_server.get(), &SocketEnd::writable, this, &Session::handleServerWritable);
    m_server->watchRead(true);
    m_banner = BannerScanner();
    m_aheadSent = 0;
    m_timer.start(m_context.timing.banner);
    enter(State::AwaitingBanner);
    sendAhead();
}

void Session::attemptFailed(const QString &reason, bool blameless)
{
    qCInfo(logSession, "%s %s (SSH)", qUtf8Printable(m_trying->label()), qUtf8Printable(reason));
    m_reasons.append(m_trying->label() + QLatin1Char(' ') + reason);
    if (blameless)
        m_trying->sshBreaker().abandoned();
    else
        m_trying->sshBreaker().failed(reason);
    dropAttempt();
    tryNext();
}

void Session::dropAttempt()
{
    m_timer.stop();
    m_trying = nullptr;
    // We may be inside a signal of either.
    if (m_dialler)
        m_dialler.release()->deleteLater();
    if (m_server) {
        m_server->disconnect(this);
        m_server->close();
        m_server.release()->deleteLater();
    }
}

void Session::handleClientReadable()
{
    switch (m_state) {
    case State::Dialling:
    case State::AwaitingBanner:
        readAhead();
        break;
    case State::Open:
        pumped(m_up->handleReadable());
        break;
    case State::Refusing:
        discardClientBytes();
        break;
    case State::Over:
        break;
    }
}

void Session::handleClientWritable()
{
    if (m_state == State::Open)
        pumped(m_down->handleWritable());
}

void Session::handleServerReadable()
{
    if (m_state == State::AwaitingBanner)
        readBanner();
    else if (m_state == State::Open)
        pumped(m_down->handleReadable());
}

void Session::handleServerWritable()
{
    if (m_state == State::AwaitingBanner)
        sendAhead();
    else if (m_state == State::Open)
        pumped(m_up->handleWritable());
}

void Session::readAhead()
{
    const qsizetype room = qMin<qsizetype>(kMostAhead - m_ahead.size(), m_context.scratch.size());
    const SocketEnd::Io got = m_client->read(m_context.scratch.first(static_cast<size_t>(room)));
    switch (got.kind) {
    case Kind::Broken:
        finish();
        return;
    case Kind::EndOfFile:
        m_clientEnded = true;
        break;
    case Kind::Moved:
        m_ahead.append(m_context.scratch.data(), got.bytes);
        break;
    case Kind::WouldBlock:
        break;
    }
    m_client->watchRead(!m_clientEnded && m_ahead.size() < kMostAhead);
    if (m_state == State::AwaitingBanner)
        sendAhead();
}

void Session::sendAhead()
{
    while (m_aheadSent < m_ahead.size()) {
        const SocketEnd::Io put = m_server->write(QByteArrayView(m_ahead).sliced(m_aheadSent));
        if (put.kind == Kind::Broken) {
            attemptFailed(QStringLiteral("closed the connection at once"));
            return;
        }
        if (put.kind != Kind::Moved)
            break;
        m_aheadSent += put.bytes;
    }
    m_server->watchWrite(m_aheadSent < m_ahead.size());
}

void Session::readBanner()
{
    const SocketEnd::Io got = m_server->read(m_context.scratch);
    if (got.kind == Kind::WouldBlock)
        return;
    if (got.kind != Kind::Moved) {
        attemptFailed(QStringLiteral("closed the connection at once"));
        return;
    }
    switch (m_banner.feed({m_context.scratch.data(), got.bytes})) {
    case BannerScanner::State::Incomplete:
        return;
    case BannerScanner::State::NotSsh:
        attemptFailed(QStringLiteral("is no SSH server: something else listens on that port"));
        return;
    case BannerScanner::State::Found:
        commit();
        return;
    }
}

void Session::commit()
{
    m_committed = std::exchange(m_trying, nullptr);
    m_committed->sshBreaker().succeeded();
    m_dialler.reset();
    m_context.primary.failedOver(m_committed);
    m_context.primary.sessionOpened(m_committed);
    open(m_banner.received());
}

/// The other end of its pair of sockets takes the place of a server's.
bool Session::handToStandby()
{
    if (!m_context.standby)
        return false;
    Result<StandbyServer::Place> place = m_context.standby->admit(m_client->peerAddress());
    if (!place) {
        m_reasons.append(QStringLiteral("the standby account server is no help: ") + place.error().detail);
        return false;
    }
    m_standbyTicket.emplace(std::move(place->ticket));
    m_server = std::make_unique<SocketEnd>(std::move(place->socket));
    connect(m_server.get(), &SocketEnd::readable, this, &Session::handleServerReadable);
    connect(m_server.get(), &SocketEnd::writable, this, &Session::handleServerWritable);
    m_aheadSent = 0;
    open({});
    return true;
}

void Session::open(const QByteArray &fromServer)
{
    m_lastActivity = m_context.clock.steady();
    m_timer.start(m_context.timing.idle);
    enter(State::Open);

    m_up = std::make_unique<Pump>(*m_client, *m_server, m_context.scratch);
    m_down = std::make_unique<Pump>(*m_server, *m_client, m_context.scratch);
    const bool upAlive = m_up->start(m_ahead.mid(m_aheadSent), m_clientEnded);
    const bool downAlive = m_down->start(fromServer, false);
    m_ahead = QByteArray();
    m_banner = BannerScanner();
    Q_EMIT opened();
    pumped(upAlive && downAlive);
}

void Session::pumped(bool alive)
{
    m_lastActivity = m_context.clock.steady();
    if (!alive || (m_up->finished() && m_down->finished()))
        finish();
    else if (m_standbyTicket && m_down->finished())
        letGo();
}

/// The standby has said its last word. A client that does not hang up holds its place no longer.
void Session::letGo()
{
    enter(State::Refusing);
    m_timer.start(m_context.timing.farewell);
    m_client->watchRead(true);
}

void Session::refuse()
{
    enter(State::Refusing);
    Q_EMIT refused(reasons());
    const QByteArray line = refusal(m_reasons, m_context.standby && m_context.standby->closed());
    // A fresh connection's empty send buffer takes a line of this size whole.
    (void)m_client->write(line);
    m_client->shutdownWrite();
    m_ahead = QByteArray();
    m_timer.start(m_context.timing.farewell);
    if (m_clientEnded)
        finish();
    else
        m_client->watchRead(true);
}

void Session::discardClientBytes()
{
    // Closing with unread bytes would reset the connection, and the client might never see the line.
    const SocketEnd::Io got = m_client->read(m_context.scratch);
    if (got.kind == Kind::EndOfFile || got.kind == Kind::Broken)
        finish();
}

void Session::handleTimer()
{
    if (m_state == State::AwaitingBanner) {
        attemptFailed(QStringLiteral("accepted the connection but said nothing for %1 ms")
                          .arg(m_context.timing.banner.count()));
        return;
    }
    if (m_state == State::Open) {
        const milliseconds idle = m_context.clock.steady() - m_lastActivity;
        if (idle < m_context.timing.idle) {
            m_timer.start(m_context.timing.idle - idle);
            return;
        }
        qCInfo(logSession, "a session at %s was idle for %lld s and is closed", qUtf8Printable(partner()),
               static_cast<long long>(idle.count() / 1000));
    }
    finish();
}

void Session::leave()
{
    if (m_trying)
        std::exchange(m_trying, nullptr)->sshBreaker().abandoned();
    if (m_committed)
        m_context.primary.sessionClosed(std::exchange(m_committed, nullptr));
}

void Session::finish()
{
    if (m_state == State::Over)
        return;
    enter(State::Over);
    leave();
    m_timer.stop();
    m_client->close();
    if (m_server)
        m_server->close();
    if (m_dialler)
        m_dialler->disconnect(this);
    Q_EMIT finished();
}

} // namespace cring::ssh
