// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/sshconnection.h"

#include "core/accounts/hostdial.h"
#include "core/accounts/knownhosts.h"
#include "core/base/log.h"
#include "core/base/secret.h"
#include "core/base/words.h"
#include "core/config/secretfile.h"
#include "core/ssh/libsshhandles.h"

#include <QFile>
#include <QLoggingCategory>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cring::accounts {

using ssh::UniqueFd;

namespace {

Q_LOGGING_CATEGORY(logNode, "cring.node")

/// Called for a key with a passphrase, which nobody is there to type.
int noPassphrase(const char *, char *, size_t, int, int, void *)
{
    return -1;
}

UniqueFd connectToAgent(const QString &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const QByteArray name = QFile::encodeName(path);
    if (name.isEmpty() || name.size() >= static_cast<qsizetype>(sizeof address.sun_path))
        return {};
    std::memcpy(address.sun_path, name.constData(), static_cast<size_t>(name.size()));
    // connect(2) would wait for an agent that accepts nobody.
    UniqueFd agent(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!agent || ::connect(agent.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return {};
    ::fcntl(agent.get(), F_SETFL, 0);
    return agent;
}

} // namespace

struct SshConnection::Handles
{
    ssh::libssh::SessionPtr session{ssh_new()};
};

SshConnection::SshConnection(const config::NodePlace &place, const SshAccess &access, const IClock &clock,
                             const std::stop_token &stop, UniqueFd socket)
    : m_place(place)
    , m_access(access)
    , m_socket(std::move(socket))
    , m_agent(connectToAgent(access.agentSocket))
    , m_handles(std::make_unique<Handles>())
    , m_watchdog([this] { cut(); }, clock, stop)
{
}

SshConnection::~SshConnection()
{
    // libssh says goodbye, and would wait for a peer that takes nothing.
    const Watchdog::Watch watch(m_watchdog, std::chrono::milliseconds(500));
    m_handles.reset();
}

Result<std::unique_ptr<SshConnection>> SshConnection::open(const config::NodePlace &place,
                                                           const SshAccess &access, const IClock &clock,
                                                           const std::stop_token &stop)
{
    Result<UniqueFd> socket = dialHost(place.host, place.port, access.connect, clock, stop);
    if (!socket)
        return Error{socket.error().code, place.machine() + QLatin1Char(' ') + socket.error().detail};
    std::unique_ptr<SshConnection> made(new SshConnection(place, access, clock, stop, std::move(*socket)));
    const Watchdog::Watch watch(made->m_watchdog, access.login);
    if (const Status status = made->logIn(); !status)
        return status.error();
    qCDebug(logNode, "logged in to %s", qUtf8Printable(place.machine()));
    return made;
}

ssh_session SshConnection::session() const
{
    return m_handles->session.get();
}

void SshConnection::cut() const
{
    ::shutdown(m_socket.get(), SHUT_RDWR);
    if (m_agent)
        ::shutdown(m_agent.get(), SHUT_RDWR);
}

Error SshConnection::error(Code code, const QString &what) const
{
    return Error{code, m_place.machine() + QLatin1Char(' ') + what};
}

bool SshConnection::isBroken() const
{
    return m_watchdog.timedOut() || m_watchdog.calledOff() || ssh_is_connected(session()) == 0;
}

Error SshConnection::failure(const QString &during) const
{
    if (m_watchdog.calledOff())
        return error(Code::JobEnded, QStringLiteral("was called off"));
    if (m_watchdog.timedOut())
        return error(
            Code::BackendTimeout,
            QStringLiteral("did not answer %1 within %2").arg(during, words::duration(m_watchdog.limit())));
    const QString said = log::oneLine(QString::fromUtf8(ssh_get_error(session()))).left(300);
    if (ssh_is_connected(session()) == 0)
        return error(Code::BackendUnreachable,
                     QStringLiteral("closed the SSH connection %1: %2").arg(during, said));
    return error(Code::BackendProtocol, QStringLiteral("failed %1: %2").arg(during, said));
}

bool SshConnection::prepare()
{
    if (!m_handles->session)
        return false;
    const bool no = false;
    const auto set = [this](ssh_options_e option, const void *value) {
        return ssh_options_set(session(), option, value) == SSH_OK;
    };
    const unsigned int port = m_place.port;
    // Which kind of host key is asked for depends on which one is known.
    const QByteArray known = QFile::encodeName(m_access.knownHosts.value(0, QStringLiteral("/dev/null")));
    const QByteArray more = QFile::encodeName(m_access.knownHosts.value(1, QStringLiteral("/dev/null")));
    if (!set(SSH_OPTIONS_PROCESS_CONFIG, &no) || !set(SSH_OPTIONS_SSH_DIR, "/dev/null") ||
        !set(SSH_OPTIONS_HOST, m_place.host.toUtf8().constData()) || !set(SSH_OPTIONS_PORT, &port) ||
        !set(SSH_OPTIONS_USER, m_place.user.toUtf8().constData()) ||
        !set(SSH_OPTIONS_KNOWNHOSTS, known.constData()) ||
        !set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, more.constData()))
        return false;
    // The watchdog keeps the time; libssh's own limit is only not to be in its way.
    const long longest = 24 * 3'600;
    const socket_t own = ::fcntl(m_socket.get(), F_DUPFD_CLOEXEC, 0);
    if (own >= 0 && set(SSH_OPTIONS_TIMEOUT, &longest) && set(SSH_OPTIONS_FD, &own))
        return true; // It is libssh's to close, once it connects.
    ::close(own);
    return false;
}

Status SshConnection::logIn()
{
    if (!prepare())
        return error(Code::BackendUnreachable,
                     QStringLiteral("was not asked: no memory, or too many connections open"));
    if (ssh_connect(session()) != SSH_OK)
        return ssh_get_serverbanner(session()) || m_watchdog.calledOff()
                   ? failure(QStringLiteral("in the SSH key exchange"))
                   : noSsh();
    if (const Status status = checkHostKey(session(), m_place, m_access.knownHosts); !status)
        return status;
    return authenticate();
}

Error SshConnection::noSsh() const
{
    const Error why = failure(QStringLiteral("with its first line"));
    if (why.code == Code::BackendTimeout)
        return error(Code::BackendTimeout,
                     QStringLiteral("accepted the connection and showed no SSH server within %1")
                         .arg(words::duration(m_watchdog.limit())));
    return error(Code::BackendProtocol,
                 QStringLiteral("does not speak SSH at port %1: is it the SSH port?").arg(m_place.port));
}

Status SshConnection::authenticate()
{
    bool isIn = false;
    if (const Status status = askAgent(isIn); !status || isIn)
        return status;
    for (const QString &file : m_access.keyFiles) {
        if (const Status status = tryKey(file, isIn); !status || isIn)
            return status;
    }
    const QString tried =
        m_access.keyFiles.isEmpty() ? QStringLiteral("none") : m_access.keyFiles.join(QStringLiteral(", "));
    return error(
        Code::LoginRefused,
        QStringLiteral("lets no key of ours in (agent: %1; files: %2). Add a public key to the "
                       "authorized_keys of %3 there; a key with a passphrase is used through the agent")
            .arg(m_agent ? QStringLiteral("asked") : QStringLiteral("none"), tried, m_place.user));
}

Status SshConnection::askAgent(bool &isIn)
{
    const socket_t own = m_agent ? ::fcntl(m_agent.get(), F_DUPFD_CLOEXEC, 0) : -1;
    if (own < 0)
        return {};
    // Named by descriptor, so that an agent that hangs can be cut off; libssh closes it.
    if (ssh_set_agent_socket(session(), own) != SSH_OK) {
        ::close(own);
        return {};
    }
    isIn = ssh_userauth_agent(session(), nullptr) == SSH_AUTH_SUCCESS;
    return isIn || !isBroken() ? Status() : Status(failure(QStringLiteral("during the login")));
}

Status SshConnection::tryKey(const QString &file, bool &isIn)
{
    const Result<Secret> text = config::readSecretFile(file);
    if (!text) {
        if (text.error().code != Code::SecretMissing)
            qCInfo(logNode, "not used for %s: %s", qUtf8Printable(m_place.machine()),
                   qUtf8Printable(text.error().detail));
        return {};
    }
    ssh_key raw = nullptr;
    if (ssh_pki_import_privkey_base64(text->text(), nullptr, noPassphrase, nullptr, &raw) != SSH_OK)
        return {};
    const ssh::libssh::KeyPtr key(raw);
    isIn = ssh_userauth_publickey(session(), nullptr, key.get()) == SSH_AUTH_SUCCESS;
    return isIn || !isBroken() ? Status() : Status(failure(QStringLiteral("during the login")));
}

} // namespace cring::accounts
