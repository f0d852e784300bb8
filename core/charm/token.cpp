// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/token.h"

#include "core/charm/json.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

namespace cring::charm {

namespace {

constexpr qsizetype kKeyBytes = 32;
constexpr qsizetype kSignatureBytes = 64;
constexpr qsizetype kMaxSubject = 64;
constexpr size_t kMaxKeys = 16;
constexpr qsizetype kMaxDocument = 64 * 1024; ///< Key sets and OpenID documents; Charm's have some 300 bytes.

Error error(Code code, const char *detail)
{
    return Error{code, QString::fromUtf8(detail)};
}

Error malformed()
{
    return error(Code::TokenMalformed, "The token is not a well-formed JSON Web Token.");
}

/// Strict base64url without padding: one text for one value, so that a token has no second spelling.
std::optional<QByteArray> fromBase64Url(QByteArrayView text)
{
    constexpr auto kOptions = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;
    const QByteArray copy = text.toByteArray();
    const auto decoded =
        QByteArray::fromBase64Encoding(copy, kOptions | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || (*decoded).toBase64(kOptions) != copy)
        return std::nullopt;
    return *decoded;
}

struct Parts
{
    QByteArray header;
    QByteArray payload;
    QByteArray signature;
    QByteArrayView signedText; ///< header '.' payload, as sent.
};

std::optional<Parts> split(QByteArrayView compact)
{
    const qsizetype first = compact.indexOf('.');
    const qsizetype second = first < 0 ? -1 : compact.indexOf('.', first + 1);
    if (second < 0 || compact.indexOf('.', second + 1) >= 0)
        return std::nullopt;
    auto header = fromBase64Url(compact.first(first));
    auto payload = fromBase64Url(compact.sliced(first + 1, second - first - 1));
    auto signature = fromBase64Url(compact.sliced(second + 1));
    if (!header || !payload || !signature)
        return std::nullopt;
    return Parts{std::move(*header), std::move(*payload), std::move(*signature), compact.first(second)};
}

bool signatureFits(const Parts &parts, const QByteArray &publicKey)
{
    const auto bytes = [](QByteArrayView v) {
        return reinterpret_cast<const unsigned char *>(v.data());
    };
    if (publicKey.size() != kKeyBytes || parts.signature.size() != kSignatureBytes)
        return false;
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(publicKey), kKeyBytes), EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (!key || !context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1)
        return false;
    return EVP_DigestVerify(context.get(), bytes(parts.signature), kSignatureBytes, bytes(parts.signedText),
                            static_cast<size_t>(parts.signedText.size())) == 1;
}

/// The kid of a header that may be trusted to be checked; nothing inside when there is none.
Result<std::optional<QByteArray>> readHeader(const QByteArray &text)
{
    const auto header = json::members(text);
    if (!header)
        return malformed();
    const QByteArrayView *alg = json::find(*header, "alg");
    if (!alg || json::string(*alg) != QByteArrayLiteral("EdDSA"))
        return error(Code::TokenSignature,
                     "The token is not signed with EdDSA, which is all that Charm servers use.");
    if (json::find(*header, "crit"))
        return error(Code::TokenMalformed, "The token asks for extensions (crit), which are not supported.");
    const QByteArrayView *kid = json::find(*header, "kid");
    if (!kid)
        return std::optional<QByteArray>();
    std::optional<QByteArray> text8 = json::string(*kid);
    if (!text8)
        return malformed();
    return text8;
}

std::optional<QList<QByteArray>> readAudience(QByteArrayView value)
{
    if (auto single = json::string(value))
        return QList<QByteArray>{std::move(*single)};
    const auto elements = json::elements(value);
    if (!elements)
        return std::nullopt;
    QList<QByteArray> out;
    for (const QByteArrayView element : *elements) {
        auto text = json::string(element);
        if (!text)
            return std::nullopt;
        out.append(std::move(*text));
    }
    return out;
}

bool isCharmId(const QByteArray &id)
{
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    };
    return !id.isEmpty() && id.size() <= kMaxSubject && std::all_of(id.begin(), id.end(), allowed);
}

/// False for a claim that is there and lies after now, or is no whole number.
bool notInFuture(const std::vector<json::Member> &claims, QByteArrayView name, qint64 nowSeconds)
{
    const QByteArrayView *value = json::find(claims, name);
    if (!value)
        return true;
    const std::optional<qint64> time = json::integer(*value);
    return time && *time <= nowSeconds;
}

/// Everything but the issuer, which hangs on the key.
Result<Claims> readClaims(const QByteArray &payload, qint64 nowSeconds)
{
    const auto claims = json::members(payload);
    if (!claims)
        return malformed();
    const auto text = [&](QByteArrayView name) {
        const QByteArrayView *value = json::find(*claims, name);
        return value ? json::string(*value).value_or(QByteArray()) : QByteArray();
    };
    Claims out;
    out.issuer = text("iss");
    out.subject = text("sub");

    const QByteArrayView *exp = json::find(*claims, "exp");
    const std::optional<qint64> expires = exp ? json::integer(*exp) : std::nullopt;
    if (!expires)
        return error(Code::TokenMalformed, "The token does not say when it expires.");
    out.expires = *expires;
    if (out.expires <= nowSeconds)
        return error(Code::TokenExpired,
                     "The token has expired. Charm clients fetch a new one with each command.");
    if (!notInFuture(*claims, "nbf", nowSeconds) || !notInFuture(*claims, "iat", nowSeconds))
        return error(Code::TokenExpired,
                     "The token is not valid yet. Check the clocks of this machine and the servers.");

    const QByteArrayView *aud = json::find(*claims, "aud");
    auto audience = aud ? readAudience(*aud) : std::nullopt;
    if (!audience || !audience->contains(QByteArrayLiteral("charm")))
        return error(Code::TokenAudience,
                     "The token is meant for another service: its audience lacks \"charm\".");
    out.audience = std::move(*audience);
    if (!isCharmId(out.subject))
        return error(Code::TokenMalformed, "The token does not name a Charm account.");
    return out;
}

QByteArray digestOf(QByteArrayView compact)
{
    QByteArray digest(EVP_MAX_MD_SIZE, Qt::Uninitialized);
    unsigned int size = 0;
    EVP_Digest(compact.data(), static_cast<size_t>(compact.size()),
               reinterpret_cast<unsigned char *>(digest.data()), &size, EVP_sha256(), nullptr);
    digest.truncate(static_cast<qsizetype>(size));
    return digest;
}

} // namespace

Result<QByteArray> bearerToken(QByteArrayView authorizationHeaderValue)
{
    const QByteArray value = authorizationHeaderValue.toByteArray().simplified();
    if (value.isEmpty())
        return error(Code::TokenMissing, "The request carries no token (Authorization: bearer …).");
    const QList<QByteArray> words = value.split(' ');
    if (words.size() != 2 || words[0].compare("bearer", Qt::CaseInsensitive) != 0 ||
        words[1].size() > kMaxToken)
        return error(Code::TokenMalformed, "The Authorization header is not \"bearer\" and one token.");
    return words[1];
}

Result<Claims> verifyToken(QByteArrayView compact, std::span<const VerificationKey> keys, qint64 nowSeconds)
{
    if (compact.size() > kMaxToken)
        return malformed();
    const std::optional<Parts> parts = split(compact);
    if (!parts)
        return malformed();
    const Result<std::optional<QByteArray>> header = readHeader(parts->header);
    if (!header)
        return header.error();
    const std::optional<QByteArray> &kid = header.value();

    // Several servers may have one key and, by mistake, different issuers: each pair is tried.
    bool known = false;
    bool fits = false;
    bool anyIssuer = false;
    QList<QByteArray> issuers;
    QList<QByteArray> failed;
    for (const VerificationKey &key : keys) {
        if (kid && key.kid != *kid)
            continue;
        known = true;
        if (issuers.contains(key.issuer) || failed.contains(key.publicKey))
            continue;
        if (!signatureFits(*parts, key.publicKey)) {
            failed.append(key.publicKey);
            continue;
        }
        fits = true;
        anyIssuer = anyIssuer || key.anyIssuer;
        issuers.append(key.issuer);
    }
    if (!known)
        return error(Code::TokenUnknownKey, "The token was signed with a key that none of the servers has.");
    if (!fits)
        return error(Code::TokenSignature, "The token's signature is wrong.");
    Result<Claims> claims = readClaims(parts->payload, nowSeconds);
    if (claims && (claims->issuer.isEmpty() || !(anyIssuer || issuers.contains(claims->issuer))))
        return error(Code::TokenIssuer,
                     "The token was issued under another server address than the ring's servers use.");
    return claims;
}

Result<QList<VerificationKey>> parseJwks(QByteArrayView text)
{
    const Error broken = error(Code::BackendProtocol, "The server's key set cannot be read.");
    const auto document = text.size() > kMaxDocument ? std::nullopt : json::members(text);
    const QByteArrayView *list = document ? json::find(*document, "keys") : nullptr;
    const auto entries = list ? json::elements(*list) : std::nullopt;
    if (!entries || entries->size() > kMaxKeys)
        return broken;
    QList<VerificationKey> out;
    for (const QByteArrayView entry : *entries) {
        const auto key = json::members(entry);
        if (!key)
            return broken;
        const auto member = [&](QByteArrayView name) {
            const QByteArrayView *value = json::find(*key, name);
            return value ? json::string(*value).value_or(QByteArray()) : QByteArray();
        };
        const QByteArray algorithm = member("alg");
        if (member("kty") != "OKP" || member("crv") != "Ed25519" ||
            (!algorithm.isEmpty() && algorithm != "EdDSA"))
            continue;
        auto publicKey = fromBase64Url(member("x"));
        if (!publicKey || publicKey->size() != kKeyBytes)
            return broken;
        out.append({member("kid"), std::move(*publicKey), {}});
    }
    if (out.isEmpty())
        return error(Code::BackendProtocol, "The server's key set holds no Ed25519 key.");
    return out;
}

Result<QByteArray> parseIssuer(QByteArrayView text)
{
    static constexpr QByteArrayView kKeySetPath("/v1/public/jwks");
    const auto document = text.size() > kMaxDocument ? std::nullopt : json::members(text);
    const QByteArrayView *value = document ? json::find(*document, "jwks_uri") : nullptr;
    const QByteArray uri = value ? json::string(*value).value_or(QByteArray()) : QByteArray();
    if (!uri.endsWith(kKeySetPath) || uri.size() == kKeySetPath.size())
        return error(Code::BackendProtocol, "The server's OpenID document does not say where its keys are.");
    return uri.chopped(kKeySetPath.size());
}

TokenCache::TokenCache(const IClock &clock, qsizetype capacity)
    : m_clock(clock)
    , m_capacity(capacity)
{
}

std::optional<Claims> TokenCache::find(QByteArrayView compact)
{
    const auto it = m_byDigest.constFind(digestOf(compact));
    if (it == m_byDigest.constEnd())
        return std::nullopt;
    const Order::iterator known = it.value();
    if (m_clock.wall() >= std::chrono::seconds(known->claims.expires)) {
        remove(known);
        return std::nullopt;
    }
    return known->claims;
}

void TokenCache::insert(QByteArrayView compact, const Claims &claims)
{
    QByteArray digest = digestOf(compact);
    if (const auto it = m_byDigest.constFind(digest); it != m_byDigest.constEnd())
        remove(it.value());
    m_order.push_back({digest, claims});
    m_byDigest.insert(std::move(digest), std::prev(m_order.end()));
    if (m_byDigest.size() > m_capacity)
        remove(m_order.begin());
}

void TokenCache::clear()
{
    m_byDigest.clear();
    m_order.clear();
}

void TokenCache::remove(Order::iterator known)
{
    m_byDigest.remove(known->digest);
    m_order.erase(known);
}

} // namespace cring::charm
