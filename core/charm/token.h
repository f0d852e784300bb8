// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QHash>
#include <QList>

#include <list>
#include <optional>
#include <span>

namespace cring::charm {

/// Longest token that is looked at, in bytes. Charm's are about 400.
inline constexpr qsizetype kMaxToken = 8 * 1024;

/// What a verified token says.
struct Claims
{
    QByteArray
        subject; ///< The charm id. Only 0-9 a-z A-Z and '-', at most 64 bytes: safe as a name and as a key.
    QByteArray issuer;
    QList<QByteArray> audience;
    qint64 expires = 0; ///< Unix time, s. From this second on the token is worth nothing.
};

/// One Ed25519 key of a configured server, and the issuer that its tokens must name.
struct VerificationKey
{
    QByteArray kid;
    QByteArray publicKey; ///< 32 bytes.
    QByteArray issuer;
    bool anyIssuer = false; ///< Its tokens may name any: the servers, who would say which, cannot be asked.

    bool operator==(const VerificationKey &) const = default;
};

/// The token of an Authorization header. The scheme is "bearer" in any case; exactly one word follows.
/// TokenMissing for an absent or empty header (Charm: 400), TokenMalformed for anything else (Charm: 500).
Result<QByteArray> bearerToken(QByteArrayView authorizationHeaderValue);

/// Verifies a compact JWS (RFC 7515, 7519) against the given keys and nothing else: what the token names
/// itself (jku, jwk, x5u) is not read, a `crit` header is refused, the algorithm must be EdDSA. Claims are
/// read once the signature fits: exp after now, nbf and iat not after it (no leeway, as on the servers), iss
/// of the key that fits, an aud with "charm", a sub that is a charm id. Errors carry nothing of the token.
///
/// TokenUnknownKey says that no key has the token's kid: a fresh key set may help. nowSeconds is Unix time.
/// Costs about 100 µs: remember the answer in a TokenCache.
Result<Claims> verifyToken(QByteArrayView compact, std::span<const VerificationKey> keys, qint64 nowSeconds);

/// The Ed25519 keys of a JSON Web Key Set (RFC 7517, RFC 8037), as /v1/public/jwks answers it. Keys of other
/// types are passed over; none left is an error. The issuer is left empty: parseIssuer has it.
Result<QList<VerificationKey>> parseJwks(QByteArrayView json);

/// The issuer of a server's tokens, from its /.well-known/openid-configuration: jwks_uri without the path of
/// the key set (server/http.go:200). Charm leaves `issuer` itself empty.
Result<QByteArray> parseIssuer(QByteArrayView json);

/// Remembers which tokens were verified, until they expire. Holds the SHA-256 of a token, never the token.
/// Bounded: the oldest goes first. Used on one thread.
class TokenCache
{
public:
    /// The clock outlives the cache.
    explicit TokenCache(const IClock &clock, qsizetype capacity = 1000);

    std::optional<Claims> find(QByteArrayView compact);
    /// claims are what verifyToken() said about compact.
    void insert(QByteArrayView compact, const Claims &claims);
    /// Call it when the keys change: what an old key signed is to be verified again.
    void clear();

    qsizetype size() const { return m_byDigest.size(); }

private:
    struct Known
    {
        QByteArray digest;
        Claims claims;
    };

    using Order = std::list<Known>; ///< Oldest first.

    void remove(Order::iterator known);

    const IClock &m_clock;
    qsizetype m_capacity;
    Order m_order;
    QHash<QByteArray, Order::iterator> m_byDigest;
};

} // namespace cring::charm
