// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/bodyfetch.h"
#include "core/backup/objectname.h"
#include "core/backup/objectupload.h"
#include "core/backup/s3client.h"
#include "core/state/bucketledger.h"

namespace cring::backup {

/// Why one object is not in the bucket as it should be.
struct MirrorProblem
{
    /// Whose fault it is: a bucket that cannot be reached concerns every object, a file that no server has
    /// only itself.
    enum class Whose { Bucket, Object };

    Whose whose = Whose::Object;
    Code code = Code::BackupRefused;
    QString words;       ///< For people; no secret, no path.
    int retryAfter = -1; ///< Seconds that the bucket asks for; -1: it said nothing.
};

/// Does for one path what the bucket is owed: stores what holds now, removes what was deleted, or looks
/// whether something older has landed on top. What came of it is in the ledger.
///
/// One run, on the event loop's thread; then finished(). Destroyed before: called off, and what was on its
/// way may have arrived.
class MirrorTask final : public QObject
{
    Q_OBJECT

public:
    using Need = state::BucketLedger::Need;

    /// All of these outlive it.
    struct Means
    {
        replica::Environment &environment;
        S3Client &client;
        UploadMemory &uploads;
        state::BucketLedger &ledger;
        state::BucketLedger::Bucket bucket;
    };

    /// `credentials`: for Need::Store of a file. `uncertain`: something may be on its way to the object that
    /// was sent before.
    MirrorTask(const Means &means, const replica::ObjectKey &key, Need need,
               std::optional<replica::Credentials> credentials, bool uncertain, QObject *parent);
    ~MirrorTask() override;

    void start();
    const replica::ObjectKey &key() const { return m_key; }
    Need need() const { return m_need; }
    /// An object was stored: what was there already, as it should be, was not.
    bool sent() const { return m_sent; }

Q_SIGNALS:
    /// Once, from the event loop. `bytes`: stored.
    void finished(const std::optional<cring::backup::MirrorProblem> &problem, qint64 bytes);

private:
    void store();
    void makeRoom();
    void fetch();
    void askWhatIsThere(std::shared_ptr<IBodySource> body);
    void compare(const ObjectHead &there, const std::shared_ptr<IBodySource> &body);
    void upload(std::shared_ptr<IBodySource> body);
    void handleStored(const Stored &stored, bool retried);
    void remove();
    void look();
    void handleLooked(const S3Result<ObjectHead> &head);
    std::optional<ObjectName> name(ObjectKind kind);
    std::optional<ObjectName> nameOfWhatIsThere();
    void fail(const S3Error &error);
    void fail(const Error &error);
    void end(const std::optional<MirrorProblem> &problem = std::nullopt, qint64 bytes = 0);

    Means m_means;
    const std::shared_ptr<const void> m_use;
    const replica::ObjectKey m_key;
    const Need m_need;
    const std::optional<replica::Credentials> m_credentials;
    const bool m_uncertain;
    replica::Record m_record;
    std::unique_ptr<BodyFetch> m_fetch;
    std::unique_ptr<ObjectUpload> m_upload;
    QPointer<S3Call> m_call;
    qint64 m_size = 0;
    bool m_sent = false;
    bool m_ended = false;
};

} // namespace cring::backup
