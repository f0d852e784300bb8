// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/serverkey.h"

#include <QStringList>

#include <chrono>

namespace cring::test {

/// Ways in which a token can be wrong. Every one of them has to end as 401.
enum class Forgery {
    None,
    Expired, ///< A minute ago.
    OtherIssuer,
    OtherAudience,
    NoAudience,
    OtherKey,         ///< Signed by a key that nobody configured, which also names itself in kid.
    OtherKeyKnownKid, ///< The same, under the cluster's kid.
    AlgNone,          ///< "alg":"none" and no signature.
    BrokenSignature,  ///< One bit of it differs.
    NoExpiry,
    NoSubject,
};

/// Makes tokens as a Charm server would, and such as it never would. With the product's ServerKey, which
/// tests/charm compares with what a real server signs.
class TokenMinter
{
public:
    struct Claims
    {
        QString subject;
        QString issuer;
        QStringList audience = {QStringLiteral("charm")};
        std::chrono::seconds expiresIn{3600}; ///< From now on; may be negative.
    };

    /// From a Charm server's unencrypted OpenSSH private key.
    static Result<TokenMinter> fromKeyFile(const QString &path);
    /// From 32 bytes.
    static TokenMinter fromSeed(const QByteArray &seed);

    QByteArray mint(const Claims &claims, Forgery forgery = Forgery::None) const;
    /// Signs any header and payload, for what mint() does not offer.
    QByteArray sign(const QByteArray &headerJson, const QByteArray &payloadJson) const
    {
        return m_key.sign(headerJson, payloadJson);
    }
    QByteArray kid() const { return m_key.kid(); }
    QByteArray publicKey() const { return m_key.publicKey(); }

    /// What a server with this key answers to GET /v1/public/jwks.
    QByteArray jwks() const;

private:
    explicit TokenMinter(charm::ServerKey key)
        : m_key(std::move(key))
    {
    }

    charm::ServerKey m_key;
};

} // namespace cring::test
