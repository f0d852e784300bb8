// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/secret.h"
#include "core/http/headers.h"

#include <QList>
#include <QPair>

#include <chrono>

namespace cring::backup {

/// What a person has from an S3 provider. Nothing of it belongs into a log, an error or an argument list.
struct Credentials
{
    QByteArray accessKey;
    Secret secretKey;
    Secret sessionToken; ///< Empty unless the keys are temporary ones.
};

/// Names with values, as they are before any escaping.
using Query = QList<QPair<QByteArray, QByteArray>>;

/// What is signed of a request.
struct SigningInput
{
    QByteArray method;
    QByteArray path; ///< Escaped, as it goes out: S3 neither normalises nor escapes it a second time.
    Query query = {};
    http::Headers headers = {}; ///< All are signed; Host must be among them.
    /// SHA-256 of the body in hexadecimal, or kUnsignedPayload.
    QByteArray payloadHash = {};
};

/// What credentials are good for: a day, a region and a service.
struct SigningScope
{
    QByteArray region;
    QByteArray service = "s3";
};

struct Signature
{
    QByteArray canonicalRequest;
    QByteArray stringToSign;
    QByteArray hex;
    QByteArray authorization; ///< Value of the Authorization field. Says the access key, and no secret.
};

/// Over https the bytes may be left to TLS.
inline constexpr const char *kUnsignedPayload = "UNSIGNED-PAYLOAD";
/// SHA-256 of nothing.
inline constexpr const char *kEmptyPayload =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// AWS Signature Version 4 in the Authorization field, as S3 wants it (Amazon S3 API reference,
/// "Authenticating Requests: Using the Authorization Header"). Pure functions, any thread.

/// `time`: amzDate(), the same as in the x-amz-date field.
Signature sign(const SigningInput &input, const Credentials &credentials, const SigningScope &scope,
               const QByteArray &time);

/// Since 1970, as "20130524T000000Z".
QByteArray amzDate(std::chrono::milliseconds wall);

/// All but A–Z a–z 0–9 - . _ ~ as %XX of its UTF-8 bytes; slashes too, unless kept.
QByteArray uriEncode(QByteArrayView text, bool keepSlashes);

/// "a=1&b=": escaped and sorted. It is signed as well as sent in this form.
QByteArray queryText(const Query &query);

} // namespace cring::backup
