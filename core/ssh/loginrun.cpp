// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/loginrun.h"

#include "core/base/log.h"
#include "core/ssh/libsshhandles.h"

#include <QtEndian>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace cring::ssh {

namespace {

/// libssh may have read what it has not acted on: nothing would wake us then.
constexpr int kLookAgainMs = 100;
constexpr qsizetype kHostKeyBytes = 32;
/// The name by which the charm client logs in (client/client.go:110). The server does not look at it.
constexpr const char *kUser = "charm";

using Session = libssh::SessionPtr;
using Channel = libssh::ChannelPtr;
using Key = libssh::KeyPtr;

/// Called when a key has a passphrase, which nobody is there to type.
int notePassphrase(const char *, char *, size_t, int, int, void *asked)
{
    *static_cast<bool *>(asked) = true;
    return -1;
}

Result<Key> readKey(const Secret &text)
{
    bool asked = false;
    ssh_key raw = nullptr;
    if (ssh_pki_import_privkey_base64(text.text(), nullptr, notePassphrase, &asked, &raw) == SSH_OK)
        return Key(raw);
    return Error{Code::KeyUnusable,
                 asked
                     ? QStringLiteral("was not asked: the identity's key is protected by a passphrase, and "
                                      "nobody is there to type it; charm clients take no such key either")
                     : QStringLiteral("was not asked: the identity's file holds no private key, or a damaged "
                                      "one")};
}

/// The 32 bytes of the server's key; empty if it is not Ed25519.
QByteArray hostKeyOf(ssh_session session)
{
    ssh_key raw = nullptr;
    if (ssh_get_server_publickey(session, &raw) != SSH_OK)
        return {};
    const Key key(raw);
    char *text = nullptr;
    if (ssh_key_type(key.get()) != SSH_KEYTYPE_ED25519 ||
        ssh_pki_export_pubkey_base64(key.get(), &text) != SSH_OK)
        return {};
    const libssh::TextPtr owned(text);
    // RFC 8709, section 4: the name of the kind, and the key, each behind its length.
    return QByteArray::fromBase64(text).right(kHostKeyBytes);
}

/// One login. Each step asks libssh until it has done; what libssh waits for is waited for here.
class Conversation
{
public:
    explicit Conversation(LoginRun &run)
        : m_run(run)
        , m_session(ssh_new())
    {
    }

    Result<Login::Answer> hold()
    {
        const bool looksOnly = m_run.request.command.isEmpty();
        const Result<Key> key = looksOnly ? Result<Key>(Key()) : readKey(m_run.request.key);
        if (!key)
            return key.error();
        if (!m_session || !prepare())
            return Error{Code::BackendUnreachable,
                         QStringLiteral("was not asked: there is no memory for it")};
        Login::Answer answer;
        for (const auto &step : {&Conversation::agree, &Conversation::prove, &Conversation::ask}) {
            if (const Status status = (this->*step)(key->get(), answer); !status)
                return status.error();
            if (looksOnly)
                break;
        }
        return answer;
    }

private:
    bool prepare()
    {
        ssh_set_blocking(m_session.get(), 0);
        const bool no = false;
        const auto set = [this](ssh_options_e option, const void *value) {
            return ssh_options_set(m_session.get(), option, value) == SSH_OK;
        };
        // Nothing of the person's own ssh is read: it could run a program (ProxyCommand), and a service may
        // have no home.
        return set(SSH_OPTIONS_PROCESS_CONFIG, &no) && set(SSH_OPTIONS_SSH_DIR, "/dev/null") &&
               set(SSH_OPTIONS_KNOWNHOSTS, "/dev/null") && set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") &&
               set(SSH_OPTIONS_HOST, m_run.request.host.toUtf8().constData()) &&
               set(SSH_OPTIONS_USER, kUser) &&
               // The one that Charm servers have (server/ssh.go:65).
               set(SSH_OPTIONS_HOSTKEYS, "ssh-ed25519");
    }

    /// On an error libssh closes its socket at once, and we still want to know how the peer ended: it gets a
    /// descriptor of its own, which is its to close once it connects.
    bool giveSocket()
    {
        socket_t own = ::fcntl(m_run.socket.get(), F_DUPFD_CLOEXEC, 0);
        if (own < 0)
            return false;
        if (ssh_options_set(m_session.get(), SSH_OPTIONS_FD, &own) == SSH_OK)
            return true;
        ::close(own);
        return false;
    }

    /// False when there is nothing to wait for any more: the login was called off, or the peer is gone and
    /// libssh, which asks for another try all the same, has had it.
    bool wait()
    {
        if (std::exchange(m_peerClosed, peerClosed()))
            return false;
        pollfd watch{};
        watch.fd = m_run.socket.get();
        watch.events = POLLIN;
        if ((ssh_get_poll_flags(m_session.get()) & SSH_WRITE_PENDING) != 0)
            watch.events |= POLLOUT;
        ::poll(&watch, 1, kLookAgainMs);
        return !m_run.stop.stop_requested();
    }

    template <typename Call>
    int repeat(int again, Call call)
    {
        int result = call();
        while (result == again && wait())
            result = call();
        return result;
    }

    bool peerClosed() const
    {
        char byte = 0;
        const ssize_t peeked = ::recv(m_run.socket.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return peeked == 0 || (peeked < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
    }

    Error failure(const QString &during) const
    {
        if (peerClosed())
            return Error{Code::BackendUnreachable,
                         QStringLiteral("closed the SSH connection %1").arg(during)};
        return Error{Code::BackendProtocol,
                     QStringLiteral("failed %1: %2")
                         .arg(during, log::oneLine(QString::fromUtf8(ssh_get_error(m_session.get()))))};
    }

    /// Looks at the first bytes, and leaves them to libssh, which does not say what they were. A Charm server
    /// speaks first.
    Status greet()
    {
        std::array<char, 4> first{};
        ssize_t size = -1;
        while (size < 0 && wait()) {
            size = ::recv(m_run.socket.get(), first.data(), first.size(), MSG_PEEK | MSG_DONTWAIT);
            if (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
                break;
        }
        if (size <= 0)
            return failure(QStringLiteral("without a word"));
        if (!QByteArrayView("SSH-").startsWith(QByteArrayView(first.data(), size)))
            return Error{Code::BackendProtocol,
                         QStringLiteral("does not speak SSH there: is it the SSH port of a "
                                        "Charm server?")};
        return {};
    }

    /// The identification line, key exchange and the look at the host key.
    Status agree(ssh_key, Login::Answer &answer)
    {
        m_run.entered(Login::Step::Greeting);
        if (const Status status = greet(); !status)
            return status;
        if (!giveSocket())
            return Error{Code::BackendUnreachable,
                         QStringLiteral("was not asked: this process has too many connections open")};
        bool greeted = false;
        const int connected = repeat(SSH_AGAIN, [&] {
            const int result = ssh_connect(m_session.get());
            if (!greeted && ssh_get_serverbanner(m_session.get())) {
                greeted = true;
                m_run.entered(Login::Step::Agreeing);
            }
            return result;
        });
        if (connected != SSH_OK)
            return failure(greeted ? QStringLiteral("during the key exchange")
                                   : QStringLiteral("in its first line"));
        answer.hostKey = hostKeyOf(m_session.get());
        const auto &expected = m_run.request.hostKey;
        if (answer.hostKey.size() != kHostKeyBytes || (expected && answer.hostKey != *expected))
            return Error{
                Code::BackendKeyDiffers,
                QStringLiteral("has another SSH host key than the servers sign with: nobody logs in there. "
                               "Is it another server, or was its key replaced?")};
        return {};
    }

    Status prove(ssh_key key, Login::Answer &)
    {
        m_run.entered(Login::Step::Proving);
        const int verdict =
            repeat(SSH_AUTH_AGAIN, [&] { return ssh_userauth_publickey(m_session.get(), nullptr, key); });
        if (verdict == SSH_AUTH_SUCCESS)
            return {};
        if (verdict == SSH_AUTH_DENIED || verdict == SSH_AUTH_PARTIAL)
            return Error{Code::LoginRefused, QStringLiteral("does not let the identity's key in")};
        return failure(QStringLiteral("during the login"));
    }

    Status ask(ssh_key, Login::Answer &answer)
    {
        m_run.entered(Login::Step::Running);
        const Channel channel(ssh_channel_new(m_session.get()));
        const auto open = [&] {
            return ssh_channel_open_session(channel.get());
        };
        const auto execute = [&] {
            return ssh_channel_request_exec(channel.get(), m_run.request.command.constData());
        };
        const QString asking = QStringLiteral("when it was asked");
        if (!channel || repeat(SSH_AGAIN, open) != SSH_OK || repeat(SSH_AGAIN, execute) != SSH_OK)
            return failure(asking);
        for (;;) {
            const bool ended = hasEnded(channel.get(), answer);
            if (answer.out.size() + answer.errors.size() > m_run.request.mostOutput)
                return Error{Code::BackendProtocol,
                             QStringLiteral("answered more than %1 bytes").arg(m_run.request.mostOutput)};
            if (ended)
                return {};
            if (!ssh_is_connected(m_session.get()) || !wait())
                return failure(asking);
        }
    }

    /// Takes what has come.
    bool hasEnded(ssh_channel channel, Login::Answer &answer)
    {
        take(channel, 0, answer.out);
        take(channel, 1, answer.errors);
        if (ssh_channel_is_eof(channel) == 0)
            return false;
        answer.exitStatus = ssh_channel_get_exit_status(channel);
        return answer.exitStatus >= 0 || ssh_channel_is_closed(channel) != 0;
    }

    void take(ssh_channel channel, int errors, QByteArray &into)
    {
        std::array<char, 4096> piece{};
        int size = 1;
        while (size > 0 && into.size() <= m_run.request.mostOutput) {
            size = ssh_channel_read_nonblocking(channel, piece.data(), piece.size(), errors);
            into.append(piece.data(), std::max(size, 0));
        }
    }

    LoginRun &m_run;
    Session m_session;
    bool m_peerClosed = false;
};

} // namespace

Result<Login::Answer> LoginRun::operator()()
{
    // Wakes the wait, and a write that blocks: libssh makes its socket a blocking one.
    const std::stop_callback shutdown(stop, [this] { ::shutdown(socket.get(), SHUT_RDWR); });
    Result<Login::Answer> result = Conversation(*this).hold();
    request.key = Secret();
    return result;
}

} // namespace cring::ssh
