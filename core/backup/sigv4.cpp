// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/sigv4.h"

#include <QCryptographicHash>
#include <QDateTime>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <map>

namespace cring::backup {

namespace {

constexpr const char *kAlgorithm = "AWS4-HMAC-SHA256";
constexpr const char *kTerminator = "aws4_request";
constexpr qsizetype kHashSize = 32;

Secret hmac(QByteArrayView key, QByteArrayView data)
{
    Secret out(kHashSize);
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char *>(data.data()), static_cast<size_t>(data.size()),
         reinterpret_cast<unsigned char *>(out.data()), &size);
    return out;
}

Secret signingKey(const Secret &secretKey, QByteArrayView day, const SigningScope &scope)
{
    const QByteArrayView prefix("AWS4");
    Secret seed(prefix.size() + secretKey.size());
    std::copy(prefix.begin(), prefix.end(), seed.data());
    std::copy(secretKey.view().begin(), secretKey.view().end(), seed.data() + prefix.size());
    const Secret forDay = hmac(seed.view(), day);
    const Secret forRegion = hmac(forDay.view(), scope.region);
    const Secret forService = hmac(forRegion.view(), scope.service);
    return hmac(forService.view(), kTerminator);
}

struct CanonicalHeaders
{
    QByteArray lines;
    QByteArray names; ///< "host;x-amz-date"
};

/// Lower case, sorted, inner runs of blanks as one, fields of one name joined in their order.
CanonicalHeaders canonical(const http::Headers &headers)
{
    std::map<QByteArray, QByteArray> sorted;
    for (const http::Headers::Field &field : headers.fields()) {
        const QByteArray name = field.name.toLower();
        const auto [at, fresh] = sorted.try_emplace(name, field.value.simplified());
        if (!fresh)
            at->second += ',' + field.value.simplified();
    }
    CanonicalHeaders out;
    for (const auto &[name, value] : sorted) {
        out.lines += name + ':' + value + '\n';
        out.names += (out.names.isEmpty() ? "" : ";") + name;
    }
    return out;
}

} // namespace

QByteArray uriEncode(QByteArrayView text, bool keepSlashes)
{
    static constexpr char kDigits[] = "0123456789ABCDEF";
    QByteArray out;
    out.reserve(text.size() + 16);
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && keepSlashes);
        if (plain) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

QByteArray queryText(const Query &query)
{
    Query escaped;
    for (const auto &[name, value] : query)
        escaped.append({uriEncode(name, false), uriEncode(value, false)});
    std::sort(escaped.begin(), escaped.end());
    QByteArray out;
    for (const auto &[name, value] : std::as_const(escaped))
        out += (out.isEmpty() ? "" : "&") + name + '=' + value;
    return out;
}

QByteArray amzDate(std::chrono::milliseconds wall)
{
    return QDateTime::fromMSecsSinceEpoch(wall.count(), Qt::UTC)
        .toString(QStringLiteral("yyyyMMdd'T'HHmmss'Z'"))
        .toLatin1();
}

Signature sign(const SigningInput &input, const Credentials &credentials, const SigningScope &scope,
               const QByteArray &time)
{
    const CanonicalHeaders headers = canonical(input.headers);
    const QByteArray day = time.left(8);
    const QByteArray place = day + '/' + scope.region + '/' + scope.service + '/' + kTerminator;

    Signature out;
    out.canonicalRequest = input.method + '\n' + input.path + '\n' + queryText(input.query) + '\n' +
                           headers.lines + '\n' + headers.names + '\n' + input.payloadHash;
    out.stringToSign = QByteArray(kAlgorithm) + '\n' + time + '\n' + place + '\n' +
                       QCryptographicHash::hash(out.canonicalRequest, QCryptographicHash::Sha256).toHex();
    const Secret key = signingKey(credentials.secretKey, day, scope);
    out.hex = hmac(key.view(), out.stringToSign).view().toByteArray().toHex();
    out.authorization = QByteArray(kAlgorithm) + " Credential=" + credentials.accessKey + '/' + place +
                        ",SignedHeaders=" + headers.names + ",Signature=" + out.hex;
    return out;
}

} // namespace cring::backup
