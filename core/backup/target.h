// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/bucketcheck.h"
#include "core/backup/bucketrecord.h"
#include "core/backup/growthbook.h"
#include "core/backup/mirror.h"
#include "core/backup/orphaneduploads.h"
#include "core/config/secretstore.h"
#include "core/telemetry/activitylog.h"

namespace cring::backup {

/// The way to a configured bucket. ConfigBadValue, TlsFiles.
Result<S3Endpoint> endpointOf(const config::Backup &config);

/// One configured bucket: the way there, its keys, what is known of it, and its mirror.
///
/// Lives on the event loop's thread. Keys are read from where they are kept and nowhere else; while they
/// cannot be, the mirror is locked and the reason is said, and they are asked for again.
class Target final : public QObject
{
    Q_OBJECT

public:
    /// All of these outlive it.
    struct Means
    {
        state::BucketLedger &ledger;
        state::BackupUploads &uploads;
        replica::ITokenSource &tokens;
        config::ISecretStore &secrets;
        Workers &workers;
        const IClock &clock;
        IRandom &random;
        telemetry::ActivityLog &activity;
    };

    /// ConfigBadValue, TlsFiles.
    static Result<std::unique_ptr<Target>> make(const config::Backup &config, qsizetype index,
                                                state::BucketLedger::Bucket bucket, const Means &means);
    ~Target() override;

    /// Reads the keys and looks at the bucket.
    void start();

    const config::Backup &config() const { return m_config; }
    qsizetype index() const { return m_index; } ///< In the configuration.
    state::BucketLedger::Bucket bucket() const { return m_bucket; }
    Mirror &mirror() { return m_mirror; }
    const Mirror &mirror() const { return m_mirror; }
    S3Client &client() { return m_client; }
    GrowthBook &growth() { return m_growth; }
    const GrowthBook &growth() const { return m_growth; }
    /// Nothing before the bucket was asked.
    std::optional<Versioning> versioning() const { return m_versioning; }
    /// Of the last look at all of the bucket; nothing before there was one of this bucket at this place.
    std::optional<BucketRecord> checked() const;

    /// Keys and bucket are looked at anew, and what waits is tried.
    void hurry();
    /// A look at all of the bucket, to be started by the caller, who may connect to it before. It is this
    /// target's, and goes with its end; what it finds is kept.
    BucketCheck *check(const BucketWishes &wishes);

Q_SIGNALS:
    void changed();

private:
    Target(const config::Backup &config, qsizetype index, state::BucketLedger::Bucket bucket,
           const Means &means, S3Endpoint endpoint);

    void readKeys();
    void readKey(const char *setting, const QString &place,
                 const std::function<void(Credentials &, Secret)> &take, const std::function<void()> &then);
    void handleKeys();
    void lockFor(const QString &problem);
    BucketCheck *makeCheck(const BucketCheck::Request &request);
    void lookAtBucket();
    void handleChecked(const BucketCheck &check);
    std::chrono::milliseconds pauseAfter(const BucketCheck &check) const;
    void keep(const BucketRecord &record);
    void removeOrphans();
    void handleMirrorChanged();

    const config::Backup m_config;
    const qsizetype m_index;
    const state::BucketLedger::Bucket m_bucket;
    Means m_means;
    S3Client m_client;
    UploadMemory m_uploads;
    Mirror m_mirror;
    GrowthBook m_growth;
    std::shared_ptr<Credentials> m_reading; ///< Not complete yet.
    std::optional<Versioning> m_versioning;
    QPointer<BucketCheck> m_look; ///< Its own, not a person's.
    bool m_lookAgain = false;     ///< There may be other keys since it began.
    bool m_hurried = false;       ///< What has failed is looked at again soon, however often it has.
    QTimer m_keysTimer;
    QTimer m_bucketTimer;
    QTimer m_orphansTimer;
    std::unique_ptr<OrphanedUploads> m_orphans;
    QString m_told; ///< The problem that the activity log has.
};

} // namespace cring::backup
