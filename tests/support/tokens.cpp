// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tokens.h"

#include <QDateTime>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace cring::test {

namespace {

QByteArray base64Url(const QByteArray &bytes)
{
    return bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

QByteArray toJson(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

charm::ServerKey otherKey()
{
    return charm::ServerKey::fromSeed(QByteArray(32, 'x')).value();
}

} // namespace

Result<TokenMinter> TokenMinter::fromKeyFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{Code::NotFound, QStringLiteral("cannot read %1").arg(path)};
    const Result<charm::ServerKey> key = charm::ServerKey::parse(file.readAll());
    if (!key)
        return Error{key.error().code, path + QLatin1Char(' ') + key.error().detail};
    return TokenMinter(*key);
}

TokenMinter TokenMinter::fromSeed(const QByteArray &seed)
{
    return TokenMinter(charm::ServerKey::fromSeed(seed).value());
}

QByteArray TokenMinter::mint(const Claims &claims, Forgery forgery) const
{
    if (forgery == Forgery::OtherKey)
        return TokenMinter(otherKey()).mint(claims);

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
        return otherKey().sign(toJson(header), toJson(payload));
    QByteArray token = sign(toJson(header), toJson(payload));
    if (forgery == Forgery::BrokenSignature) {
        const qsizetype dot = token.lastIndexOf('.');
        token[dot + 1] = token.at(dot + 1) == 'A' ? 'B' : 'A';
    }
    return token;
}

QByteArray TokenMinter::jwks() const
{
    return R"({"keys":[{"kty":"OKP","kid":")" + kid() + R"(","crv":"Ed25519","alg":"EdDSA","x":")" +
           base64Url(publicKey()) + R"("}]})";
}

} // namespace cring::test
