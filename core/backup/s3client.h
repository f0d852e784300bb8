// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3call.h"
#include "core/backup/s3types.h"

namespace cring::backup {

struct PutRequest
{
    QByteArray key;
    std::shared_ptr<IBodySource> body;
    QByteArray sha256 = {}; ///< 32 bytes; empty: made on a worker first.
    Metadata metadata = {}; ///< kSha256Field is added.
    QByteArray contentType = "application/octet-stream";
    bool onlyIfAbsent = false; ///< If-None-Match: *
    QByteArray ifMatch = {};   ///< ETag that it replaces; empty: whatever is there.
};

struct GetRequest
{
    QByteArray key;
    QByteArray versionId = {}; ///< Empty: the current one.
    qint64 start = 0;
    qint64 end = -1;             ///< Last byte; -1: to the object's end.
    QByteArray ifMatch = {};     ///< ETag; Kind::Precondition otherwise.
    QByteArray ifNoneMatch = {}; ///< ETag; Kind::NotModified when it is still that.
};

struct ListRequest
{
    QByteArray prefix = {};
    QByteArray startAfter = {}; ///< Keys from behind this one; for a walk that goes on after a restart.
    QByteArray token = {};      ///< Of the page before.
    QByteArray delimiter = {};
    int limit = 1000;
};

/// The operations of an S3 server (Amazon S3 API reference, 2006-03-01) that a backup needs, on one bucket.
///
/// Each is one S3Call with its attempts: `done` comes once, from the event loop, unless `context` dies or the
/// call is cancelled. The returned call lives until then. Memory: one page of a listing, or half a MiB of a
/// body. How many are under way at a time is the caller's to bound. Lives on the event loop's thread; clock,
/// random and workers outlive it.
class S3Client final : public QObject
{
    Q_OBJECT

public:
    S3Client(S3Endpoint endpoint, S3Limits limits, const IClock &clock, IRandom &random, Workers &workers,
             QObject *parent = nullptr);
    ~S3Client() override;

    /// Before the first request, and whenever there are new ones.
    void setCredentials(Credentials credentials) { m_session.setCredentials(std::move(credentials)); }

    S3Session &session() { return m_session; }

    S3Call *put(const PutRequest &request, QObject *context, Done<Stored> done);
    S3Call *head(const QByteArray &key, const QByteArray &versionId, QObject *context, Done<ObjectHead> done);
    /// In the bucket's terms: without a version, a bucket with versions gets a delete marker. Deleting what
    /// is not there succeeds.
    S3Call *remove(const ObjectId &object, QObject *context, Done<Nothing> done);
    /// At most 1,000. Gives those that could not be deleted.
    S3Call *removeAll(const QList<ObjectId> &objects, QObject *context, Done<QList<DeleteFailure>> done);

    S3Call *list(const ListRequest &request, QObject *context, Done<ObjectPage> done);
    S3Call *listVersions(const QByteArray &prefix, const QByteArray &keyMarker,
                         const QByteArray &versionMarker, QObject *context, Done<VersionPage> done);

    /// Gives the upload's id.
    S3Call *createUpload(const QByteArray &key, Metadata metadata, QObject *context, Done<QByteArray> done);
    /// Parts but the last have at least 5 MiB. `sha256`: of the part; empty: made first.
    S3Call *uploadPart(const QByteArray &key, const QByteArray &uploadId, int number,
                       std::shared_ptr<IBodySource> body, const QByteArray &sha256, QObject *context,
                       Done<Part> done);
    /// An answer that was lost leaves open whether it was done: Kind::UploadMissing after that may mean so.
    S3Call *completeUpload(const QByteArray &key, const QByteArray &uploadId, const QList<Part> &parts,
                           QObject *context, Done<Stored> done);
    S3Call *abortUpload(const QByteArray &key, const QByteArray &uploadId, QObject *context,
                        Done<Nothing> done);
    S3Call *listUploads(const QByteArray &prefix, const QByteArray &keyMarker, const QByteArray &uploadMarker,
                        QObject *context, Done<UploadPage> done);
    S3Call *listParts(const QByteArray &key, const QByteArray &uploadId, int marker, QObject *context,
                      Done<PartPage> done);

    S3Call *headBucket(QObject *context, Done<Nothing> done);
    S3Call *createBucket(QObject *context, Done<Nothing> done);
    S3Call *versioning(QObject *context, Done<Versioning> done);
    S3Call *setVersioning(bool enabled, QObject *context, Done<Nothing> done);
    /// The region; "us-east-1" where the server leaves it empty.
    S3Call *location(QObject *context, Done<QByteArray> done);
    /// None: an empty list.
    S3Call *lifecycle(QObject *context, Done<QList<LifecycleRule>> done);
    /// The same as the server has it; none: empty.
    S3Call *lifecycleDocument(QObject *context, Done<QByteArray> done);
    /// In the place of all rules that there are: see withOwnRule().
    S3Call *setLifecycle(const QByteArray &document, QObject *context, Done<Nothing> done);
    S3Call *objectLock(QObject *context, Done<ObjectLock> done);
    S3Call *setObjectLock(const ObjectLock &lock, QObject *context, Done<Nothing> done);

    /// For ObjectDownload: the answer's body is told by the call's signals.
    S3Call *get(const GetRequest &request, QObject *context, Done<http::Response> done);

private:
    void headOfNull(const QByteArray &key, qint64 last, QObject *context, Done<ObjectHead> done);
    template <typename T>
    S3Call *send(CallSpec spec, QObject *context, Done<T> done,
                 std::function<S3Result<T>(const http::Response &)> read);

    S3Session m_session;
};

/// What the fields of an answer to GetObject and HeadObject say.
ObjectHead readObjectHead(const http::Headers &headers);

} // namespace cring::backup
