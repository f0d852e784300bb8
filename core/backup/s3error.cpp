// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3error.h"

#include "core/backup/s3xml.h"
#include "core/base/log.h"

#include <algorithm>
#include <array>

namespace cring::backup {

namespace {

using Kind = S3Error::Kind;

constexpr qsizetype kMaxCode = 64;
constexpr qsizetype kMaxMessage = 300;
/// Nobody is made to wait for longer by a server's word.
constexpr int kMaxRetryAfter = 300;

struct Known
{
    const char *code;
    Kind kind;
};

// Amazon S3 API reference, "Error responses", and what MinIO, Ceph, versitygw and rclone say besides.
constexpr auto kKnown = std::to_array<Known>({
    {"AccessDenied", Kind::Denied},
    {"AccountProblem", Kind::Denied},
    {"AllAccessDisabled", Kind::Denied},
    {"AuthorizationHeaderMalformed", Kind::Region}, // with a Region; see readS3Error()
    {"BadDigest", Kind::Digest},
    {"ConditionalRequestConflict", Kind::Precondition},
    {"EntityTooLarge", Kind::Full},
    {"ExpiredToken", Kind::TokenExpired},
    {"IllegalLocationConstraintException", Kind::Region},
    {"IncompleteBody", Kind::Unreachable},
    {"InsufficientStorage", Kind::Full},
    {"InternalError", Kind::Server},
    {"InvalidAccessKeyId", Kind::Credentials},
    {"InvalidDigest", Kind::Digest},
    {"InvalidToken", Kind::TokenExpired},
    {"MethodNotAllowed", Kind::Unsupported},
    {"NoSuchBucket", Kind::BucketMissing},
    {"NoSuchKey", Kind::ObjectMissing},
    {"NoSuchLifecycleConfiguration", Kind::NothingSet},
    {"NoSuchObjectLockConfiguration", Kind::NothingSet},
    {"NoSuchUpload", Kind::UploadMissing},
    {"NoSuchVersion", Kind::ObjectMissing},
    {"NotImplemented", Kind::Unsupported},
    {"ObjectLockConfigurationNotFoundError", Kind::NothingSet},
    {"OperationAborted", Kind::Busy}, // Another one is at it; "please try again".
    {"PermanentRedirect", Kind::Region},
    {"PreconditionFailed", Kind::Precondition},
    {"QuotaExceeded", Kind::Full},
    {"Redirect", Kind::Region},
    {"RequestExpired", Kind::Clock},
    {"RequestTimeTooSkewed", Kind::Clock},
    {"RequestTimeout", Kind::Unreachable},
    {"RequestLimitExceeded", Kind::Busy},
    {"ServiceUnavailable", Kind::Busy},
    {"SignatureDoesNotMatch", Kind::Credentials},
    {"SlowDown", Kind::Busy},
    {"TemporaryRedirect", Kind::Region},
    {"Throttling", Kind::Busy},
    {"ThrottlingException", Kind::Busy},
    {"TokenRefreshRequired", Kind::TokenExpired},
    {"TooManyRequests", Kind::Busy},
    {"XAdminUserNotFound", Kind::Credentials}, // versitygw, of an unknown access key
    {"XAmzContentChecksumMismatch", Kind::Digest},
    {"XAmzContentSHA256Mismatch", Kind::Digest},
    {"XMinioStorageFull", Kind::Full},
});

Kind kindOf(int status)
{
    switch (status) {
    case 301:
    case 302:
    case 307:
    case 308:
        return Kind::Region;
    case 304:
        return Kind::NotModified;
    case 401:
    case 403:
        return Kind::Denied;
    case 404:
        return Kind::ObjectMissing;
    case 405:
    case 501:
        return Kind::Unsupported;
    case 408:
        return Kind::Unreachable;
    case 412:
        return Kind::Precondition;
    case 413:
    case 507:
        return Kind::Full;
    case 429:
    case 503:
        return Kind::Busy;
    default:
        return status >= 500 ? Kind::Server : status / 100 == 2 ? Kind::Protocol : Kind::Refused;
    }
}

QByteArray plainWord(const QString &text)
{
    const bool plain = std::all_of(text.begin(), text.end(), [](QChar c) {
        return c.unicode() < 0x80 && (c.isLetterOrNumber() || c == u'.' || c == u'-' || c == u'_');
    });
    return plain ? text.left(kMaxCode).toLatin1() : QByteArray();
}

QString sentence(const QString &text)
{
    return log::oneLine(log::redacted(text.left(kMaxMessage).simplified()));
}

Code codeOf(Kind kind)
{
    switch (kind) {
    case Kind::Unreachable:
    case Kind::Busy:
    case Kind::Server:
        return Code::BackupUnreachable;
    case Kind::Tls:
        return Code::BackupTls;
    case Kind::Credentials:
    case Kind::TokenExpired:
        return Code::BackupCredentials;
    case Kind::Denied:
        return Code::BackupDenied;
    case Kind::Clock:
        return Code::BackupClock;
    case Kind::BucketMissing:
        return Code::BackupBucket;
    case Kind::ObjectMissing:
    case Kind::UploadMissing:
    case Kind::NothingSet:
        return Code::BackupMissing;
    case Kind::Region:
        return Code::BackupRegion;
    case Kind::Protocol:
        return Code::BackupProtocol;
    case Kind::Digest:
        return Code::BackupDigest;
    case Kind::Full:
        return Code::BackupFull;
    case Kind::Source:
        return Code::BackupSource;
    case Kind::Unsupported:
        return Code::BackupUnsupported;
    case Kind::Precondition:
    case Kind::NotModified:
    case Kind::Refused:
        break;
    }
    return Code::BackupRefused;
}

/// What it means, and what to do. %1: the host, %2: the bucket, %3: the operation.
const char *explanation(const S3Error &error)
{
    switch (error.kind) {
    case Kind::Unreachable:
        return "%1 cannot be reached.";
    case Kind::Tls:
        return "%1 cannot be trusted: its certificate comes from no authority that is known here, or is for "
               "another "
               "name. Check the URL, or name the authority.";
    case Kind::Credentials:
        return error.code == "SignatureDoesNotMatch" ? "%1 knows the access key, but the secret key is not "
                                                       "the one that belongs to it. Enter both anew."
                                                     : "%1 does not know the access key. Check that the key "
                                                       "is for this provider, and still valid.";
    case Kind::TokenExpired:
        return "The session token for %1 has expired or is none. Get new temporary keys, or use permanent "
               "ones.";
    case Kind::Denied:
        return "%1 does not allow %3 on the bucket “%2” with these keys. Give them that right.";
    case Kind::Clock:
        return "This machine's clock and that of %1 are too far apart. Set the clock.";
    case Kind::BucketMissing:
        return "%1 has no bucket “%2”. Create it, or correct its name.";
    case Kind::ObjectMissing:
        return "What %3 asked for is not in the bucket “%2” at %1.";
    case Kind::UploadMissing:
        return "The upload in parts is no longer known at %1: it begins anew.";
    case Kind::NothingSet:
        return "The bucket “%2” at %1 has no such setting.";
    case Kind::Region:
        return "The bucket “%2” is in another region than %1 is asked in. Set region (and url).";
    case Kind::Busy:
        return "%1 asks to be left alone for a while. It is tried again later.";
    case Kind::Server:
        return "%1 has an error of its own. It is tried again later.";
    case Kind::Protocol:
        return "%1 gave an answer to %3 that makes no sense. Is it an S3 server, and no other one stands in "
               "front of it?";
    case Kind::Digest:
        return "The bytes of %3 at %1 are not those that were meant: they were damaged on the way or in the "
               "bucket.";
    case Kind::Precondition:
        return "The object in the bucket “%2” at %1 has changed meanwhile.";
    case Kind::NotModified:
        return "The object in the bucket “%2” at %1 has not changed.";
    case Kind::Unsupported:
        return "%1 cannot do %3.";
    case Kind::Full:
        return "%1 has no room for it, or does not take objects of this size. Free or buy space.";
    case Kind::Source:
        return "What was to be sent to %1 cannot be read here, or changed meanwhile.";
    case Kind::Refused:
        break;
    }
    return "%1 refused %3.";
}

} // namespace

QString S3Error::words() const
{
    // Not arg(): that counts the places instead of reading their numbers.
    QString text = QString::fromUtf8(explanation(*this));
    text.replace(QStringLiteral("%1"), host)
        .replace(QStringLiteral("%2"), bucket)
        .replace(QStringLiteral("%3"), operation);
    if (kind == Kind::Region && !region.isEmpty())
        text += QStringLiteral(" The server names the region %1.").arg(QString::fromLatin1(region));
    QStringList said;
    if (!message.isEmpty())
        said += QStringLiteral("“%1”").arg(message);
    if (!code.isEmpty())
        said += QString::fromLatin1(code);
    if (status != 0)
        said += QStringLiteral("HTTP %1").arg(status);
    if (!requestId.isEmpty())
        said += QStringLiteral("request %1").arg(QString::fromLatin1(requestId));
    if (!said.isEmpty())
        text += QStringLiteral(" (%1)").arg(said.join(QStringLiteral(", ")));
    return text;
}

Error S3Error::toError() const
{
    return {codeOf(kind), words()};
}

S3Error readS3Error(int status, const http::Headers &headers, const QByteArray &body)
{
    S3Error error;
    error.status = status;
    error.kind = kindOf(status);
    error.requestId = plainWord(QString::fromLatin1(headers.value("x-amz-request-id")));
    error.region = plainWord(QString::fromLatin1(headers.value("x-amz-bucket-region")));
    bool number = false;
    const int wait = headers.value("retry-after").toInt(&number);
    if (number && wait >= 0)
        error.retryAfter = std::min(wait, kMaxRetryAfter);

    const Result<XmlNode> document = parseXml(body, kErrorLimits);
    if (!document || document->name != u"Error")
        return error;
    error.code = plainWord(document->text(u"Code"));
    error.message = sentence(document->text(u"Message"));
    if (error.requestId.isEmpty())
        error.requestId = plainWord(document->text(u"RequestId"));
    if (error.region.isEmpty())
        error.region = plainWord(document->text(u"Region"));
    error.endpoint = sentence(document->text(u"Endpoint"));
    for (const Known &known : kKnown) {
        if (error.code == known.code)
            error.kind = known.kind;
    }
    if (error.code == "AuthorizationHeaderMalformed" && error.region.isEmpty())
        error.kind = Kind::Credentials;
    return error;
}

} // namespace cring::backup
