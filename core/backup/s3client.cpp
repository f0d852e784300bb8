// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3client.h"

#include "core/backup/objectname.h"
#include "core/backup/s3answers.h"
#include "core/backup/s3document.h"
#include "core/backup/s3settings.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QLocale>

namespace cring::backup {

namespace {

/// What was stored before the bucket kept versions.
const QByteArray kNullVersion = QByteArrayLiteral("null");
constexpr const char *kMetadataPrefix = "x-amz-meta-";
constexpr qsizetype kSha256Size = 32;

void addMetadata(http::Headers &headers, const Metadata &metadata)
{
    for (auto at = metadata.begin(); at != metadata.end(); ++at)
        headers.set(kMetadataPrefix + at.key(), at.value());
}

/// A document as a request's body, with what servers want of it: some the one, some the other.
void setDocument(CallSpec &spec, const QByteArray &document)
{
    spec.body = std::make_shared<BytesSource>(document);
    spec.sha256 = QCryptographicHash::hash(document, QCryptographicHash::Sha256);
    spec.sendChecksum = true;
    spec.headers.set("Content-Type", "application/xml");
    spec.headers.set("Content-MD5", QCryptographicHash::hash(document, QCryptographicHash::Md5).toBase64());
}

/// What is not set is `empty`, not an error.
template <typename T>
Done<T> orNothing(Done<T> done, T empty = {})
{
    return [done = std::move(done), empty = std::move(empty)](S3Result<T> result) {
        const bool none = !result && result.error().kind == S3Error::Kind::NothingSet;
        done(none ? S3Result<T>(empty) : std::move(result));
    };
}

S3Result<Nothing> nothing(const http::Response &)
{
    return Nothing{};
}

/// Of a part of a document, whatever the answer's fields say.
template <typename T>
std::function<S3Result<T>(const http::Response &)> ofBody(S3Result<T> (*read)(const QByteArray &))
{
    return [read](const http::Response &answer) {
        return read(answer.body);
    };
}

Query withMarkers(Query query, const char *name, const QByteArray &value)
{
    if (!value.isEmpty())
        query.append({name, value});
    return query;
}

/// SHA-256 of the whole body; the server's own of an object in parts ends in "-3" and is another thing.
QByteArray sha256Of(const http::Headers &headers, const Metadata &metadata)
{
    QByteArray hash = QByteArray::fromHex(metadata.value(kSha256Field));
    if (hash.size() == kSha256Size)
        return hash;
    const QByteArray told = headers.value("x-amz-checksum-sha256");
    if (told.contains('-') || headers.value("x-amz-checksum-type") == "COMPOSITE")
        return {};
    hash = QByteArray::fromBase64(told);
    return hash.size() == kSha256Size ? hash : QByteArray();
}

} // namespace

ObjectHead readObjectHead(const http::Headers &headers)
{
    ObjectHead head;
    head.etag = headers.value("etag");
    head.versionId = headers.value("x-amz-version-id");
    const QByteArray range = headers.value("content-range"); // "bytes 0-9/100"
    bool number = false;
    head.size = range.isEmpty() ? headers.value("content-length").toLongLong(&number)
                                : range.mid(range.lastIndexOf('/') + 1).toLongLong(&number);
    if (!number)
        head.size = -1;
    for (const http::Headers::Field &field : headers.fields()) {
        const QByteArray name = field.name.toLower();
        if (name.startsWith(kMetadataPrefix))
            head.metadata.insert(name.mid(static_cast<qsizetype>(qstrlen(kMetadataPrefix))), field.value);
    }
    head.sha256 = sha256Of(headers, head.metadata);
    QDateTime modified = QLocale::c().toDateTime(QString::fromLatin1(headers.value("last-modified")),
                                                 QStringLiteral("ddd, dd MMM yyyy HH:mm:ss 'GMT'"));
    modified.setTimeSpec(Qt::UTC);
    if (modified.isValid())
        head.modified = std::chrono::milliseconds(modified.toMSecsSinceEpoch());
    return head;
}

S3Client::S3Client(S3Endpoint endpoint, S3Limits limits, const IClock &clock, IRandom &random,
                   Workers &workers, QObject *parent)
    : QObject(parent)
    , m_session(std::move(endpoint), limits, clock, random, workers)
{
}

S3Client::~S3Client() = default;

template <typename T>
S3Call *S3Client::send(CallSpec spec, QObject *context, Done<T> done,
                       std::function<S3Result<T>(const http::Response &)> read)
{
    const QString operation = spec.operation;
    return new S3Call(
        m_session, std::move(spec), context,
        [this, operation, done = std::move(done), read = std::move(read)](S3Result<http::Response> answer) {
            if (!answer) {
                done(answer.error());
                return;
            }
            S3Result<T> result = read(*answer);
            if (result.ok()) {
                done(std::move(result));
                return;
            }
            S3Error error = m_session.named(result.error(), operation);
            error.status = answer->status;
            done(std::move(error));
        });
}

S3Call *S3Client::put(const PutRequest &request, QObject *context, Done<Stored> done)
{
    CallSpec spec{QStringLiteral("PutObject"), "PUT", request.key};
    spec.body = request.body;
    spec.sha256 = request.sha256;
    spec.sendChecksum = true;
    spec.headers.set("Content-Type", request.contentType);
    addMetadata(spec.headers, request.metadata);
    spec.sha256Metadata = true;
    if (request.onlyIfAbsent)
        spec.headers.set("If-None-Match", "*");
    if (!request.ifMatch.isEmpty())
        spec.headers.set("If-Match", request.ifMatch);
    const auto sent = std::make_shared<QPointer<S3Call>>();
    *sent = send<Stored>(std::move(spec), context, std::move(done), [sent](const http::Response &answer) {
        return Stored{answer.headers.value("etag"), answer.headers.value("x-amz-version-id"),
                      *sent ? (*sent)->sha256() : QByteArray()};
    });
    return *sent;
}

S3Call *S3Client::get(const GetRequest &request, QObject *context, Done<http::Response> done)
{
    CallSpec spec{QStringLiteral("GetObject"), "GET", request.key};
    spec.query = withMarkers({}, "versionId", request.versionId);
    spec.streamed = true;
    spec.rangeStart = request.start;
    spec.rangeEnd = request.end;
    spec.headers.set("x-amz-checksum-mode", "ENABLED");
    if (!request.ifMatch.isEmpty())
        spec.headers.set("If-Match", request.ifMatch);
    if (!request.ifNoneMatch.isEmpty())
        spec.headers.set("If-None-Match", request.ifNoneMatch);
    return new S3Call(m_session, std::move(spec), context, std::move(done));
}

S3Call *S3Client::head(const QByteArray &key, const QByteArray &versionId, QObject *context,
                       Done<ObjectHead> done)
{
    CallSpec spec{QStringLiteral("HeadObject"), "HEAD", key};
    spec.query = withMarkers({}, "versionId", versionId);
    spec.headers.set("x-amz-checksum-mode", "ENABLED");
    if (versionId == kNullVersion)
        done = [this, key, context = QPointer<QObject>(context),
                done = std::move(done)](S3Result<ObjectHead> head) {
            if (!head && head.error().kind == S3Error::Kind::ObjectMissing && context)
                headOfNull(key, 0, context, done);
            else
                done(std::move(head));
        };
    return send<ObjectHead>(std::move(spec), context, std::move(done),
                            [](const http::Response &answer) { return readObjectHead(answer.headers); });
}

/// By a GET of the first byte, or of nothing, where the object is empty. Versitygw (1.8.0) denies the version
/// to a HEAD and not to a GET.
void S3Client::headOfNull(const QByteArray &key, qint64 last, QObject *context, Done<ObjectHead> done)
{
    CallSpec spec{QStringLiteral("GetObject"), "GET", key, {{"versionId", kNullVersion}}};
    spec.streamed = true;
    spec.rangeEnd = last;
    spec.headers.set("x-amz-checksum-mode", "ENABLED");
    Done<ObjectHead> then = [this, key, last, context = QPointer<QObject>(context),
                             done = std::move(done)](S3Result<ObjectHead> head) {
        constexpr int kNoSuchRange = 416;
        if (!head && head.error().status == kNoSuchRange && last == 0 && context)
            headOfNull(key, -1, context, done);
        else
            done(std::move(head));
    };
    send<ObjectHead>(std::move(spec), context, std::move(then),
                     [](const http::Response &answer) { return readObjectHead(answer.headers); });
}

S3Call *S3Client::remove(const ObjectId &object, QObject *context, Done<Nothing> done)
{
    CallSpec spec{QStringLiteral("DeleteObject"), "DELETE", object.key};
    spec.query = withMarkers({}, "versionId", object.versionId);
    return send<Nothing>(
        std::move(spec), context,
        [done = std::move(done)](S3Result<Nothing> result) {
            const bool gone = !result && result.error().kind == S3Error::Kind::ObjectMissing;
            done(gone ? S3Result<Nothing>(Nothing{}) : std::move(result));
        },
        nothing);
}

S3Call *S3Client::removeAll(const QList<ObjectId> &objects, QObject *context, Done<QList<DeleteFailure>> done)
{
    CallSpec spec{QStringLiteral("DeleteObjects"), "POST", {}, {{"delete", {}}}};
    setDocument(spec, writeDelete(objects));
    spec.errorIn200 = false; // It has <Error> for single keys.
    return send<QList<DeleteFailure>>(std::move(spec), context, std::move(done), ofBody(readDeleteResult));
}

S3Call *S3Client::list(const ListRequest &request, QObject *context, Done<ObjectPage> done)
{
    CallSpec spec{QStringLiteral("ListObjectsV2"), "GET", {}};
    spec.query = {
        {"list-type", "2"}, {"encoding-type", "url"}, {"max-keys", QByteArray::number(request.limit)}};
    spec.query = withMarkers(spec.query, "prefix", request.prefix);
    spec.query = withMarkers(spec.query, "delimiter", request.delimiter);
    spec.query =
        withMarkers(spec.query, "start-after", request.token.isEmpty() ? request.startAfter : QByteArray());
    spec.query = withMarkers(spec.query, "continuation-token", request.token);
    return send<ObjectPage>(std::move(spec), context, std::move(done),
                            [prefix = request.prefix](const http::Response &answer) {
                                return readObjectPage(answer.body, prefix);
                            });
}

S3Call *S3Client::listVersions(const QByteArray &prefix, const QByteArray &keyMarker,
                               const QByteArray &versionMarker, QObject *context, Done<VersionPage> done)
{
    CallSpec spec{QStringLiteral("ListObjectVersions"), "GET", {}};
    spec.query = {{"versions", {}}, {"encoding-type", "url"}, {"max-keys", "1000"}};
    spec.query = withMarkers(spec.query, "prefix", prefix);
    spec.query = withMarkers(spec.query, "key-marker", keyMarker);
    spec.query = withMarkers(spec.query, "version-id-marker", versionMarker);
    return send<VersionPage>(
        std::move(spec), context, std::move(done),
        [prefix](const http::Response &answer) { return readVersionPage(answer.body, prefix); });
}

S3Call *S3Client::createUpload(const QByteArray &key, Metadata metadata, QObject *context,
                               Done<QByteArray> done)
{
    CallSpec spec{QStringLiteral("CreateMultipartUpload"), "POST", key, {{"uploads", {}}}};
    spec.headers.set("Content-Type", "application/octet-stream");
    spec.headers.set("x-amz-checksum-algorithm", "SHA256");
    addMetadata(spec.headers, metadata);
    return send<QByteArray>(std::move(spec), context, std::move(done), ofBody(readUploadId));
}

S3Call *S3Client::uploadPart(const QByteArray &key, const QByteArray &uploadId, int number,
                             std::shared_ptr<IBodySource> body, const QByteArray &sha256, QObject *context,
                             Done<Part> done)
{
    CallSpec spec{QStringLiteral("UploadPart"),
                  "PUT",
                  key,
                  {{"partNumber", QByteArray::number(number)}, {"uploadId", uploadId}}};
    const qint64 size = body->size();
    spec.body = std::move(body);
    spec.sha256 = sha256;
    spec.sendChecksum = true;
    const auto sent = std::make_shared<QPointer<S3Call>>();
    *sent = send<Part>(
        std::move(spec), context, std::move(done),
        [sent, number, size](const http::Response &answer) -> S3Result<Part> {
            Part part{number, size, answer.headers.value("etag"), *sent ? (*sent)->sha256() : QByteArray()};
            if (part.etag.isEmpty())
                return senseless(QStringLiteral("the part that was stored has no ETag"));
            return part;
        });
    return *sent;
}

S3Call *S3Client::completeUpload(const QByteArray &key, const QByteArray &uploadId, const QList<Part> &parts,
                                 QObject *context, Done<Stored> done)
{
    CallSpec spec{QStringLiteral("CompleteMultipartUpload"), "POST", key, {{"uploadId", uploadId}}};
    QList<Part> told = parts;
    if (!m_session.checksums()) {
        for (Part &part : told)
            part.sha256.clear();
    }
    setDocument(spec, writeParts(told));
    spec.sendChecksum = false; // It would be taken for the object's.
    spec.headers.remove("Content-MD5");
    spec.errorIn200 = true;
    return send<Stored>(std::move(spec), context, std::move(done), readCompleted);
}

S3Call *S3Client::abortUpload(const QByteArray &key, const QByteArray &uploadId, QObject *context,
                              Done<Nothing> done)
{
    CallSpec spec{QStringLiteral("AbortMultipartUpload"), "DELETE", key, {{"uploadId", uploadId}}};
    return send<Nothing>(
        std::move(spec), context,
        [done = std::move(done)](S3Result<Nothing> result) {
            const bool gone = !result && result.error().kind == S3Error::Kind::UploadMissing;
            done(gone ? S3Result<Nothing>(Nothing{}) : std::move(result));
        },
        nothing);
}

S3Call *S3Client::listUploads(const QByteArray &prefix, const QByteArray &keyMarker,
                              const QByteArray &uploadMarker, QObject *context, Done<UploadPage> done)
{
    CallSpec spec{QStringLiteral("ListMultipartUploads"), "GET", {}};
    spec.query = {{"uploads", {}}, {"encoding-type", "url"}};
    spec.query = withMarkers(spec.query, "prefix", prefix);
    spec.query = withMarkers(spec.query, "key-marker", keyMarker);
    spec.query = withMarkers(spec.query, "upload-id-marker", uploadMarker);
    return send<UploadPage>(
        std::move(spec), context,
        [done = std::move(done)](S3Result<UploadPage> page) {
            // rclone has no list before the first upload.
            const bool none = !page && page.error().kind == S3Error::Kind::UploadMissing;
            done(none ? S3Result<UploadPage>(UploadPage()) : std::move(page));
        },
        ofBody(readUploadPage));
}

S3Call *S3Client::listParts(const QByteArray &key, const QByteArray &uploadId, int marker, QObject *context,
                            Done<PartPage> done)
{
    CallSpec spec{QStringLiteral("ListParts"), "GET", key, {{"uploadId", uploadId}}};
    if (marker > 0)
        spec.query.append({"part-number-marker", QByteArray::number(marker)});
    return send<PartPage>(std::move(spec), context, std::move(done), ofBody(readPartPage));
}

S3Call *S3Client::headBucket(QObject *context, Done<Nothing> done)
{
    CallSpec spec{QStringLiteral("HeadBucket"), "HEAD", {}};
    return send<Nothing>(
        std::move(spec), context,
        [done = std::move(done)](S3Result<Nothing> result) {
            if (result || result.error().kind != S3Error::Kind::ObjectMissing) {
                done(std::move(result));
                return;
            }
            S3Error error = result.error(); // A 404 without a body; of a bucket it can mean one thing only.
            error.kind = S3Error::Kind::BucketMissing;
            done(std::move(error));
        },
        nothing);
}

S3Call *S3Client::createBucket(QObject *context, Done<Nothing> done)
{
    CallSpec spec{QStringLiteral("CreateBucket"), "PUT", {}};
    return send<Nothing>(std::move(spec), context, std::move(done), nothing);
}

S3Call *S3Client::versioning(QObject *context, Done<Versioning> done)
{
    CallSpec spec{QStringLiteral("GetBucketVersioning"), "GET", {}, {{"versioning", {}}}};
    return send<Versioning>(std::move(spec), context, std::move(done), ofBody(readVersioning));
}

S3Call *S3Client::setVersioning(bool enabled, QObject *context, Done<Nothing> done)
{
    CallSpec spec{QStringLiteral("PutBucketVersioning"), "PUT", {}, {{"versioning", {}}}};
    setDocument(spec, writeVersioning(enabled));
    return send<Nothing>(std::move(spec), context, std::move(done), nothing);
}

S3Call *S3Client::location(QObject *context, Done<QByteArray> done)
{
    CallSpec spec{QStringLiteral("GetBucketLocation"), "GET", {}, {{"location", {}}}};
    return send<QByteArray>(std::move(spec), context, std::move(done), ofBody(readLocation));
}

S3Call *S3Client::lifecycle(QObject *context, Done<QList<LifecycleRule>> done)
{
    CallSpec spec{QStringLiteral("GetBucketLifecycleConfiguration"), "GET", {}, {{"lifecycle", {}}}};
    return send<QList<LifecycleRule>>(std::move(spec), context, orNothing(std::move(done)),
                                      ofBody(readLifecycle));
}

S3Call *S3Client::lifecycleDocument(QObject *context, Done<QByteArray> done)
{
    CallSpec spec{QStringLiteral("GetBucketLifecycleConfiguration"), "GET", {}, {{"lifecycle", {}}}};
    return send<QByteArray>(
        std::move(spec), context, orNothing(std::move(done)),
        ofBody(+[](const QByteArray &document) -> S3Result<QByteArray> { return document; }));
}

S3Call *S3Client::setLifecycle(const QByteArray &document, QObject *context, Done<Nothing> done)
{
    CallSpec spec{QStringLiteral("PutBucketLifecycleConfiguration"), "PUT", {}, {{"lifecycle", {}}}};
    setDocument(spec, document);
    return send<Nothing>(std::move(spec), context, std::move(done), nothing);
}

S3Call *S3Client::objectLock(QObject *context, Done<ObjectLock> done)
{
    CallSpec spec{QStringLiteral("GetObjectLockConfiguration"), "GET", {}, {{"object-lock", {}}}};
    return send<ObjectLock>(std::move(spec), context, orNothing(std::move(done)), ofBody(readObjectLock));
}

S3Call *S3Client::setObjectLock(const ObjectLock &lock, QObject *context, Done<Nothing> done)
{
    CallSpec spec{QStringLiteral("PutObjectLockConfiguration"), "PUT", {}, {{"object-lock", {}}}};
    setDocument(spec, writeObjectLock(lock));
    return send<Nothing>(std::move(spec), context, std::move(done), nothing);
}

} // namespace cring::backup
