// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/objectdownload.h"
#include "core/backup/s3walk.h"
#include "core/backup/target.h"
#include "core/backup/verifycounts.h"
#include "core/backup/versioncount.h"
#include "core/jobs/job.h"

namespace cring::backup {

/// Compares a bucket with what is known of it, both ways: what it lists, and what it should list. With `deep`
/// every object is read and its bytes compared with its SHA-256, and older versions are counted. What is
/// missing or damaged is stored again by the mirror; what nobody knows is named and left alone.
///
/// An object that the bucket has and does not give is named and passed over. A deep one that fails has not
/// read in vain: the next one goes on with that object, for a week.
///
/// One thread; the target outlives it. What changes while it runs is not judged.
class VerifyJob final : public jobs::Job
{
    Q_OBJECT

public:
    static constexpr const char *kKind = "backup-verify";
    static constexpr const char *kDeepKind = "backup-deep-verify";
    /// Facts of a bucket: when the last comparison began that found nothing missing or damaged (and, if deep,
    /// had something to compare all of it with), ms since 1970.
    static constexpr const char *kVerified = "verified";
    static constexpr const char *kDeepVerified = "deep_verified";
    /// The same of a deep one that has failed: where, and when.
    static constexpr const char *kLeft = "deep_verify_left";
    /// In the summary, true: it has gone on from a failed one, and what that had listed was not listed anew.
    static constexpr const char *kResumed = "resumed";

    VerifyJob(Target &target, state::BucketLedger &ledger, replica::Environment &environment, bool deep);
    ~VerifyJob() override;

    void start(const QByteArray &cursor) override;
    void setPaused(bool paused) override;
    void cancel() override;
    jobs::JobProgress progress() const override;

private:
    using Object = state::BucketLedger::Object;
    enum class Phase { Listing, Missing, Reading, Ended };

    QJsonObject leftBefore() const;
    void proceed();
    void list();
    void judgePage(const QList<ListedObject> &page);
    void judge(const ListedObject &listed);
    void judgeUnknown(const replica::ObjectKey &key, const ListedObject &listed, bool folder);
    std::optional<replica::ObjectKey> keyOf(const ParsedKey &parsed);
    void hashSome();
    void takeBackTheFuture(const QList<replica::ObjectKey> &keys);
    void index(const replica::ObjectKey &key, bool folder);
    bool isSinceBegin(qint64 ms) const;
    bool isMoving(const replica::ObjectKey &key, const Object &object) const;
    void lookForMissing();
    void askFor(const replica::ObjectKey &key, const Object &object);
    void handleAsked(const replica::ObjectKey &key, const S3Result<ObjectHead> &head);
    void read();
    void countVersions();
    void download(const replica::ObjectKey &key, const Object &object, const QByteArray &objectKey);
    void handleRead(const replica::ObjectKey &key, const std::optional<S3Error> &error);
    void handleUngiven(const replica::ObjectKey &key, const S3Error &error);
    void goBackBefore(const replica::ObjectKey &key);
    std::optional<ObjectName> nameOf(const replica::ObjectKey &key, const Object &object) const;
    QJsonObject place() const;
    void step();
    void fail(const S3Error &error);
    void bringForward(const char *fact);
    void end();

    Target &m_target;
    state::BucketLedger &m_ledger;
    replica::Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    const bool m_deep;
    Phase m_phase = Phase::Listing;
    qint64 m_began = 0; ///< ms since 1970, UTC.
    std::unique_ptr<ObjectWalk> m_walk;
    std::unique_ptr<ObjectDownload> m_download;
    std::unique_ptr<VersionCount> m_versions;
    QHash<QByteArray, replica::ObjectKey> m_hashed; ///< Keys by the hash that stands for them.
    bool m_hashesMade = false;
    bool m_ofLedger = true;        ///< Whose keys are gone through for them; then the catalogue's,
    replica::ObjectKey m_hashedTo; ///< up to here.
    QByteArray m_after;            ///< Of the phase: an object's key, or a path's.
    bool m_started = false;        ///< Jobs says whether it is paused before that.
    bool m_resumed = false;        ///< From a failed one before it.
    bool m_paused = false;
    bool m_busy = false;
    bool m_cancelled = false;
    VerifyCounts m_counts;
    replica::ObjectKey m_again; ///< Was not given, and is asked for once more.
};

} // namespace cring::backup
