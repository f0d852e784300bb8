// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/base/secret.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QList>

#include <chrono>
#include <memory>

typedef struct evp_pkey_st EVP_PKEY; // As <openssl/types.h> has it.

namespace cring::charm {

/// The private key of Charm servers, `.ssh/charm_server_ed25519` of their data directories: one Ed25519 key
/// is both their SSH host key and the signer of their tokens (server/ssh.go:65, server/server.go:137). With
/// it, tokens can be made for any account. The private half lives in OpenSSL's hands, which wipe it; copies
/// share it. Any thread, one at a time.
class ServerKey
{
public:
    /// What a server's own tokens live (server/ssh.go:144), and the most that mint() gives.
    static constexpr std::chrono::seconds kLife{3600};

    /// From an OpenSSH private key (openssh/PROTOCOL.key) without a passphrase, the only form that a Charm
    /// server takes. Code::KeyUnusable, whose text follows the name of the file: "is protected by …".
    static Result<ServerKey> parse(QByteArrayView text);
    /// From the 32 bytes that an Ed25519 key is made of (RFC 8032, section 5.1.5); `seed` has to be so long.
    static Result<ServerKey> fromSeed(QByteArrayView seed);

    /// Lower-case hex SHA-256 of the private key as Go has it, seed and public key (server/jwk.go:20).
    const QByteArray &kid() const { return m_kid; }
    /// 32 bytes; the `x` of the servers' key set, and what their SSH host key says.
    const QByteArray &publicKey() const { return m_publicKey; }

    /// A token as the servers make it (server/ssh.go:141), byte for byte: no iat and no nbf, which a server
    /// whose clock is a little behind would refuse. nowSeconds is Unix time; it expires `life` later, at most
    /// kLife.
    QByteArray mint(QByteArrayView account, QByteArrayView issuer, qint64 nowSeconds,
                    std::chrono::seconds life = kLife) const;
    /// The same for other audiences, as `jwt AUDIENCE…` asks for them (server/ssh.go:113).
    QByteArray mintFor(const QList<QByteArray> &audience, QByteArrayView account, QByteArrayView issuer,
                       qint64 nowSeconds) const;
    /// Any header and payload as a compact JWS (RFC 7515).
    QByteArray sign(QByteArrayView header, QByteArrayView payload) const;

    /// The 32 bytes that it is made of.
    Secret seed() const;
    /// The private key in the form that parse() reads, for whoever needs the servers' SSH host key.
    Secret openSsh() const;

private:
    ServerKey() = default;
    QByteArray mintWith(const QByteArray &audience, QByteArrayView account, QByteArrayView issuer,
                        qint64 expires) const;

    std::shared_ptr<EVP_PKEY> m_key;
    QByteArray m_kid;
    QByteArray m_publicKey;
};

} // namespace cring::charm
