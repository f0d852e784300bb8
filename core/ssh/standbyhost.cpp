// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/standbyhost.h"

#include <QUrl>

#include <libssh/libssh.h>
#include <libssh/server.h>

namespace cring::ssh {

namespace {

/// What golang.org/x/crypto/ssh offers first, of all ages that charm clients were built with, and nothing
/// with SHA-1 or CBC.
constexpr const char *kKeyExchanges = "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256";
constexpr const char *kCiphers = "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,"
                                 "aes128-gcm@openssh.com,aes256-ctr,aes128-ctr";
constexpr const char *kMacs = "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256";
constexpr const char *kUserKeys = "ssh-ed25519,rsa-sha2-512,rsa-sha2-256,ecdsa-sha2-nistp256,"
                                  "ecdsa-sha2-nistp384,ecdsa-sha2-nistp521";
constexpr const char *kBanner = "CharmedRing";

} // namespace

void FreeServerSession::operator()(ssh_session_struct *session) const
{
    ssh_free(session);
}

void StandbyHost::FreeBind::operator()(ssh_bind_struct *bind) const
{
    ssh_bind_free(bind);
}

Result<std::shared_ptr<StandbyHost>> StandbyHost::make(const charm::ServerKey &key, const QByteArray &issuer)
{
    // OpenSSL's object is for one thread at a time, and whoever gave it goes on using it.
    const Secret text = key.openSsh();
    Result<charm::ServerKey> own = charm::ServerKey::parse(text.view());
    if (!own)
        return own.error();
    auto host = std::shared_ptr<StandbyHost>(new StandbyHost(std::move(own).value(), issuer));
    if (!host->prepare())
        return Error{Code::KeyUnusable, QStringLiteral("cannot be made the key of an SSH server")};
    return host;
}

StandbyHost::StandbyHost(charm::ServerKey key, QByteArray issuer)
    : m_key(std::move(key))
    , m_issuer(std::move(issuer))
    , m_bind(ssh_bind_new())
{
}

StandbyHost::~StandbyHost() = default;

bool StandbyHost::prepare()
{
    const auto set = [this](ssh_bind_options_e option, const void *value) {
        return ssh_bind_options_set(m_bind.get(), option, value) == SSH_OK;
    };
    const bool no = false;
    if (!m_bind ||
        // The machine's own sshd is another one.
        !set(SSH_BIND_OPTIONS_PROCESS_CONFIG, &no) || !set(SSH_BIND_OPTIONS_KEY_EXCHANGE, kKeyExchanges) ||
        !set(SSH_BIND_OPTIONS_CIPHERS_C_S, kCiphers) || !set(SSH_BIND_OPTIONS_CIPHERS_S_C, kCiphers) ||
        !set(SSH_BIND_OPTIONS_HMAC_C_S, kMacs) || !set(SSH_BIND_OPTIONS_HMAC_S_C, kMacs) ||
        !set(SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, "ssh-ed25519") ||
        !set(SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES, kUserKeys) || !set(SSH_BIND_OPTIONS_BANNER, kBanner))
        return false;
    const Secret text = m_key.openSsh();
    ssh_key hostKey = nullptr;
    if (ssh_pki_import_privkey_base64(text.text(), nullptr, nullptr, nullptr, &hostKey) != SSH_OK)
        return false;
    // From now on it is the bind's.
    if (set(SSH_BIND_OPTIONS_IMPORT_KEY, hostKey))
        return true;
    ssh_key_free(hostKey);
    return false;
}

bool StandbyHost::is(const charm::ServerKey &key, const QByteArray &issuer) const
{
    return m_key.kid() == key.kid() && m_issuer == issuer;
}

ServerSession StandbyHost::accept(UniqueFd socket) const
{
    ServerSession session(ssh_new());
    const bool no = false;
    // A compressed packet of 32 KiB can be a thousand times as much.
    if (!session || ssh_options_set(session.get(), SSH_OPTIONS_PROCESS_CONFIG, &no) != SSH_OK ||
        ssh_options_set(session.get(), SSH_OPTIONS_COMPRESSION, "no") != SSH_OK)
        return {};
    ssh_set_blocking(session.get(), 0);
    const int descriptor = socket.release();
    if (ssh_bind_accept_fd(m_bind.get(), session.get(), descriptor) != SSH_OK)
        return {};
    ssh_set_auth_methods(session.get(), SSH_AUTH_METHOD_PUBLICKEY);
    return session;
}

QByteArray StandbyHost::scheme() const
{
    return QUrl(QString::fromUtf8(m_issuer)).scheme().toLatin1();
}

} // namespace cring::ssh
