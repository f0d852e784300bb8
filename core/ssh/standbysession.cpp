// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/standbysession.h"

#include "core/ssh/standbycommand.h"

#include <QLoggingCategory>

#include <fcntl.h>
#include <libssh/server.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace cring::ssh {
using std::chrono::milliseconds;

namespace {

Q_LOGGING_CATEGORY(logStandby, "cring.standby")

/// libssh may have read what it has not acted on: nothing would wake us then.
constexpr milliseconds kLookAgain{20};
/// A client that reads needs one.
constexpr int kTurnsToFlush = 4;
/// A client with a few keys shows each twice: whether it may be used, and the proof.
constexpr int kMostAttempts = 24;
/// A charm client opens one.
constexpr size_t kMostCommands = 8;
/// Of a whole session, in both directions. A charm client's login and command take some 20 packets.
constexpr quint64 kMostPackets = 2'000;
constexpr quint64 kMostReceived = 1024 * 1024;

const char *nameOf(StandbySession::State state)
{
    switch (state) {
    case StandbySession::State::Agreeing:
        return "agreeing";
    case StandbySession::State::Proving:
        return "proving";
    case StandbySession::State::Serving:
        return "serving";
    case StandbySession::State::Lingering:
        return "lingering";
    case StandbySession::State::Over:
        break;
    }
    return "over";
}

/// The form in which Charm stores a key (server/ssh.go:157).
QByteArray textOf(ssh_key key)
{
    char *base64 = nullptr;
    if (!key || ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK)
        return {};
    const QByteArray text = QByteArray(ssh_key_type_to_char(ssh_key_type(key))) + ' ' + QByteArray(base64);
    ssh_string_free_char(base64);
    return text;
}

/// What a client shows to be let in.
struct Shown
{
    bool proven = false; ///< Signed; else it only asks whether the key may be used.
    bool valid = false;
    QByteArray keyText;
};

// libssh's callback for a key always answers something, and Go's client stops reading at a "no": it would
// never see the words that follow. Only a message can be left without an answer.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
Shown shownIn(ssh_message message)
{
    const ssh_publickey_state_e state = ssh_message_auth_publickey_state(message);
    return {state != SSH_PUBLICKEY_STATE_NONE, state == SSH_PUBLICKEY_STATE_VALID,
            textOf(ssh_message_auth_pubkey(message))};
}
#pragma GCC diagnostic pop

} // namespace

StandbySession::StandbySession(UniqueFd socket, std::shared_ptr<StandbyHost> host, QString stranger,
                               const Context &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_host(std::move(host))
    , m_stranger(std::move(stranger))
    , m_socket(std::move(socket))
    , m_readNotifier(m_socket.get(), QSocketNotifier::Read)
    , m_writeNotifier(m_socket.get(), QSocketNotifier::Write)
{
    m_writeNotifier.setEnabled(false);
    m_timer.setSingleShot(true);
    m_lookAgain.setSingleShot(true);
    m_lookAgain.setInterval(kLookAgain);
    connect(&m_readNotifier, &QSocketNotifier::activated, this, &StandbySession::handleActivity);
    connect(&m_writeNotifier, &QSocketNotifier::activated, this, &StandbySession::handleActivity);
    connect(&m_timer, &QTimer::timeout, this, &StandbySession::handleTimeOut);
    connect(&m_lookAgain, &QTimer::timeout, this, &StandbySession::step);
}

StandbySession::~StandbySession() = default;

void StandbySession::start()
{
    m_timer.start(m_context.times.login);
    UniqueFd own(::fcntl(m_socket.get(), F_DUPFD_CLOEXEC, 0));
    if (own)
        m_session = m_host->accept(std::move(own));
    if (!m_session) {
        m_readNotifier.setEnabled(false);
        QMetaObject::invokeMethod(this, &StandbySession::finish, Qt::QueuedConnection);
        return;
    }
    ssh_set_counters(m_session.get(), &m_onSocket, &m_inside);
    ssh_set_message_callback(m_session.get(), &StandbySession::handleMessage, this);
    QMetaObject::invokeMethod(this, &StandbySession::step, Qt::QueuedConnection);
}

// ---- one step ----

void StandbySession::enter(State next)
{
    qCDebug(logStandby, "session %p: %s -> %s", static_cast<void *>(this), nameOf(m_state), nameOf(next));
    m_state = next;
}

void StandbySession::handleActivity()
{
    if (m_state == State::Lingering)
        discard();
    else
        lookAgain();
}

void StandbySession::lookAgain()
{
    m_lookAgain.start();
    step();
}

void StandbySession::step()
{
    if (m_state == State::Lingering || m_state == State::Over)
        return;
    if (m_leaving) {
        leave();
        return;
    }
    if (!takeStep()) {
        finish();
        return;
    }
    moveAll();
    if (m_inside.in_packets + m_inside.out_packets > kMostPackets || m_onSocket.in_bytes > kMostReceived)
        sendAway(QStringLiteral("this is more than a charm client has to say"));
    watch();
}

/// False when the conversation has ended.
bool StandbySession::takeStep()
{
    if (m_state == State::Agreeing) {
        const int result = ssh_handle_key_exchange(m_session.get());
        if (result != SSH_OK && result != SSH_AGAIN)
            return false;
        // A client that did not wait may have proven its key meanwhile.
        if (result == SSH_OK && m_state == State::Agreeing)
            enter(State::Proving);
    } else if (ssh_execute_message_callbacks(m_session.get()) == SSH_ERROR) {
        return false;
    }
    return ssh_is_connected(m_session.get()) != 0 &&
           (ssh_get_status(m_session.get()) & (SSH_CLOSED | SSH_CLOSED_ERROR)) == 0;
}

void StandbySession::watch()
{
    m_writeNotifier.setEnabled(m_leaving || (ssh_get_poll_flags(m_session.get()) & SSH_WRITE_PENDING) != 0);
}

void StandbySession::handleTimeOut()
{
    switch (m_state) {
    case State::Agreeing:
    case State::Proving:
        sendAway(QStringLiteral("the login took too long"));
        leave();
        break;
    case State::Serving:
        sendAway(QStringLiteral("the session is over"));
        leave();
        break;
    case State::Lingering:
    case State::Over:
        finish();
        break;
    }
}

// ---- what the client asks ----

/// 0: it has been answered, or shall not be; 1: libssh says no.
int StandbySession::handleMessage(ssh_session, ssh_message message, void *self)
{
    return static_cast<StandbySession *>(self)->handle(message) ? 0 : 1;
}

bool StandbySession::handle(ssh_message message)
{
    if (m_leaving)
        return true;
    switch (ssh_message_type(message)) {
    case SSH_REQUEST_SERVICE:
        return handleService(message);
    case SSH_REQUEST_AUTH:
        return handleAuthentication(message);
    case SSH_REQUEST_CHANNEL_OPEN:
        return openChannel(message);
    case SSH_REQUEST_CHANNEL:
        return handleRequest(message);
    default:
        return false;
    }
}

bool StandbySession::handleService(ssh_message message)
{
    const char *service = ssh_message_service_service(message);
    if (service && qstrcmp(service, "ssh-userauth") == 0)
        ssh_message_service_reply_success(message);
    else
        sendAway(QStringLiteral("there is no such service here"));
    return true;
}

bool StandbySession::handleAuthentication(ssh_message message)
{
    if (!m_keyText.isEmpty() || ++m_attempts > kMostAttempts) {
        sendAway(QStringLiteral("too many tries to log in"));
        return true;
    }
    ssh_message_auth_set_methods(message, SSH_AUTH_METHOD_PUBLICKEY);
    if (ssh_message_subtype(message) != SSH_AUTH_METHOD_PUBLICKEY)
        return false;
    const Shown shown = shownIn(message);
    if (shown.keyText.isEmpty())
        return false;
    // Every key may try: which of them have accounts is told to nobody who has not got the key.
    if (!shown.proven)
        return ssh_message_auth_reply_pk_ok_simple(message) == SSH_OK;
    if (!shown.valid)
        return false;
    prove(message, shown.keyText);
    return true;
}

void StandbySession::prove(ssh_message message, const QByteArray &keyText)
{
    if (!m_context.directory.find(keyText)) {
        ++m_context.counters.turnedAway;
        sendAway(m_stranger);
        return;
    }
    m_keyText = keyText;
    ++m_context.counters.loggedIn;
    enter(State::Serving);
    m_timer.start(m_context.times.work);
    ssh_message_auth_reply_success(message, 0);
}

bool StandbySession::openChannel(ssh_message message)
{
    if (m_state != State::Serving || ssh_message_subtype(message) != SSH_CHANNEL_SESSION ||
        m_commands.size() >= kMostCommands)
        return false;
    ssh_channel channel = ssh_message_channel_request_open_reply_accept(message);
    if (channel)
        m_commands.push_back(std::make_unique<Command>(channel));
    return channel != nullptr;
}

/// One command a channel; no shell, terminal, environment, forwarding or subsystem.
bool StandbySession::handleRequest(ssh_message message)
{
    if (m_state != State::Serving || ssh_message_subtype(message) != SSH_CHANNEL_REQUEST_EXEC)
        return false;
    ssh_channel channel = ssh_message_channel_request_channel(message);
    const auto found = std::ranges::find_if(m_commands, [channel](const auto &command) {
        return command->channel == channel && command->stage == Command::Stage::Fresh;
    });
    if (found == m_commands.end())
        return false;
    Command &command = **found;
    const char *line = ssh_message_channel_request_command(message);
    const QByteArray text = line ? QByteArray(line) : QByteArray();
    ssh_message_channel_request_reply_success(message);
    begin(command, text);
    return true;
}

// ---- the end ----

void StandbySession::sendAway(const QString &why)
{
    if (m_leaving)
        return;
    m_leaving = true;
    m_farewell = why;
    // Not from within libssh, where we may be; and what it still has to write goes out first.
    m_writeNotifier.setEnabled(true);
}

/// Go's client prints the message, as ssh(1) does.
void StandbySession::leave()
{
    // What libssh has not handed to the kernel is lost when it closes its descriptor, and it hands over one
    // packet a turn.
    for (int i = 0; i < kTurnsToFlush && (ssh_get_poll_flags(m_session.get()) & SSH_WRITE_PENDING) != 0; ++i)
        ssh_execute_message_callbacks(m_session.get());
    if (ssh_is_connected(m_session.get()) != 0) {
        ssh_session_set_disconnect_message(m_session.get(), m_farewell.toUtf8().constData());
        ssh_disconnect(m_session.get());
    }
    m_commands.clear();
    m_session.reset();
    enter(State::Lingering);
    m_timer.start(m_context.times.linger);
    m_writeNotifier.setEnabled(false);
    ::shutdown(m_socket.get(), SHUT_WR);
    discard();
}

/// Closing with unread bytes could take back what was said last.
void StandbySession::discard()
{
    std::array<char, 4096> bytes{};
    const ssize_t got = ::recv(m_socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
        finish();
}

void StandbySession::finish()
{
    if (m_state == State::Over)
        return;
    enter(State::Over);
    m_timer.stop();
    m_lookAgain.stop();
    m_readNotifier.setEnabled(false);
    m_writeNotifier.setEnabled(false);
    m_commands.clear();
    m_session.reset();
    m_socket.reset();
    Q_EMIT finished();
}

} // namespace cring::ssh
