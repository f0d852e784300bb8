// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tokens.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtEndian>

#include <openssl/evp.h>

namespace cring::test {

namespace {

constexpr qsizetype SeedSize = 32;

struct KeyDeleter
{
    void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }
};

struct DigestDeleter
{
    void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
};

using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;

const unsigned char *bytesOf(const QByteArray &bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.constData());
}

Key privateKey(const QByteArray &seed)
{
    return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytesOf(seed), size_t(seed.size())));
}

QByteArray base64Url(const QByteArray &bytes)
{
    return bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

QByteArray toJson(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

/// The seed in an OpenSSH private key (openssh/PROTOCOL.key): the only string of 64 bytes is seed and public
/// key.
QByteArray seedOf(const QByteArray &openSsh)
{
    const QByteArray marker = QByteArrayLiteral("\0\0\0\x0bssh-ed25519\0\0\0\x20");
    const qsizetype inner = openSsh.lastIndexOf(QByteArray(marker.constData(), 19));
    const qsizetype at = inner + 19 + SeedSize;
    if (inner < 0 || openSsh.size() < at + 4 + 2 * SeedSize ||
        qFromBigEndian<quint32>(openSsh.constData() + at) != 2 * SeedSize)
        return {};
    return openSsh.mid(at + 4, SeedSize);
}

QByteArray otherSeed()
{
    return QByteArray(SeedSize, 'x');
}

} // namespace

Result<TokenMinter> TokenMinter::fromKeyFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{Code::NotFound, QStringLiteral("cannot read %1").arg(path)};
    QByteArray armour;
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (!line.startsWith("-----"))
            armour += line.trimmed();
    }
    const QByteArray seed = seedOf(QByteArray::fromBase64(armour));
    if (seed.isEmpty())
        return Error{Code::ConfigBadValue, QStringLiteral("%1 holds no plain Ed25519 key").arg(path)};
    return fromSeed(seed);
}

TokenMinter TokenMinter::fromSeed(const QByteArray &seed)
{
    const Key key = privateKey(seed);
    QByteArray publicKey(SeedSize, '\0');
    size_t size = SeedSize;
    EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char *>(publicKey.data()), &size);
    return TokenMinter(seed, publicKey);
}

QByteArray TokenMinter::mint(const Claims &claims, Forgery forgery) const
{
    if (forgery == Forgery::OtherKey)
        return fromSeed(otherSeed()).mint(claims);

    QJsonObject header{{QStringLiteral("alg"), QStringLiteral("EdDSA")},
                       {QStringLiteral("kid"), QString::fromLatin1(kid())},
                       {QStringLiteral("typ"), QStringLiteral("JWT")}};
    qint64 expires = QDateTime::currentSecsSinceEpoch() + claims.expiresIn.count();
    if (forgery == Forgery::Expired)
        expires = QDateTime::currentSecsSinceEpoch() - 60;
    QJsonObject payload{{QStringLiteral("sub"), claims.subject},
                        {QStringLiteral("exp"), expires},
                        {QStringLiteral("iss"), claims.issuer},
                        {QStringLiteral("aud"), QJsonArray::fromStringList(claims.audience)}};
    if (forgery == Forgery::OtherIssuer)
        payload[QStringLiteral("iss")] = QStringLiteral("http://127.0.0.1:1");
    if (forgery == Forgery::OtherAudience)
        payload[QStringLiteral("aud")] = QJsonArray{QStringLiteral("other")};
    if (forgery == Forgery::NoAudience)
        payload.remove(QStringLiteral("aud"));
    if (forgery == Forgery::NoExpiry)
        payload.remove(QStringLiteral("exp"));
    if (forgery == Forgery::NoSubject)
        payload.remove(QStringLiteral("sub"));
    if (forgery == Forgery::AlgNone) {
        header[QStringLiteral("alg")] = QStringLiteral("none");
        return base64Url(toJson(header)) + '.' + base64Url(toJson(payload)) + '.';
    }

    if (forgery == Forgery::OtherKeyKnownKid)
        return fromSeed(otherSeed()).sign(toJson(header), toJson(payload));
    QByteArray token = sign(toJson(header), toJson(payload));
    if (forgery == Forgery::BrokenSignature) {
        const qsizetype dot = token.lastIndexOf('.');
        token[dot + 1] = token.at(dot + 1) == 'A' ? 'B' : 'A';
    }
    return token;
}

QByteArray TokenMinter::sign(const QByteArray &headerJson, const QByteArray &payloadJson) const
{
    const QByteArray signedPart = base64Url(headerJson) + '.' + base64Url(payloadJson);
    const Key key = privateKey(m_seed);
    const std::unique_ptr<EVP_MD_CTX, DigestDeleter> context(EVP_MD_CTX_new());
    QByteArray signature(64, '\0');
    size_t size = 64;
    EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char *>(signature.data()), &size,
                   bytesOf(signedPart), size_t(signedPart.size()));
    return signedPart + '.' + base64Url(signature);
}

QByteArray TokenMinter::kid() const
{
    return QCryptographicHash::hash(m_seed + m_publicKey, QCryptographicHash::Sha256).toHex();
}

QByteArray TokenMinter::jwks() const
{
    return R"({"keys":[{"kty":"OKP","kid":")" + kid() + R"(","crv":"Ed25519","alg":"EdDSA","x":")" +
           base64Url(m_publicKey) + R"("}]})";
}

} // namespace cring::test
