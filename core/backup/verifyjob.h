// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/objectdownload.h"
#include "core/backup/s3walk.h"
#include "core/backup/target.h"
#include "core/backup/versioncount.h"
#include "core/jobs/job.h"

#include <QJsonArray>

namespace cring::backup {

/// Compares a bucket with what is known of it, both ways: what it lists, and what it should list. With `deep`
/// every object is read and its bytes compared with its SHA-256, and older versions are counted. What is
/// missing or damaged is stored again by the mirror; what nobody knows is named and left alone.
///
/// One thread; the target outlives it. What changes while it runs is not judged.
class VerifyJob final : public jobs::Job
{
    Q_OBJECT

public:
    static constexpr const char *kKind = "backup-verify";
    static constexpr const char *kDeepKind = "backup-deep-verify";
    /// Facts of a bucket: when a comparison began that found nothing missing or damaged, ms since 1970.
    static constexpr const char *kVerified = "verified";
    static constexpr const char *kDeepVerified = "deep_verified";

    VerifyJob(Target &target, state::BucketLedger &ledger, replica::Environment &environment, bool deep);
    ~VerifyJob() override;

    void start(const QByteArray &cursor) override;
    void setPaused(bool paused) override;
    void cancel() override;
    jobs::JobProgress progress() const override;

private:
    using Object = state::BucketLedger::Object;
    enum class Phase { Listing, Missing, Reading, Ended };

    void proceed();
    void list();
    void judgePage(const QList<ListedObject> &page);
    void judge(const ListedObject &listed);
    void judgeUnknown(const replica::ObjectKey &key, const ListedObject &listed, bool folder);
    std::optional<replica::ObjectKey> keyOf(const ParsedKey &parsed);
    void hashSome();
    void index(const replica::ObjectKey &key, bool folder);
    bool isMoving(const replica::ObjectKey &key, const Object &object) const;
    void lookForMissing();
    void askFor(const replica::ObjectKey &key, const Object &object);
    void read();
    void countVersions();
    void handleRead(const replica::ObjectKey &key, const std::optional<S3Error> &error);
    std::optional<ObjectName> nameOf(const replica::ObjectKey &key, const Object &object) const;
    void name(QJsonArray &list, const QByteArray &what);
    void step();
    void fail(const S3Error &error);
    void end();

    Target &m_target;
    state::BucketLedger &m_ledger;
    replica::Environment &m_environment;
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
    bool m_paused = false;
    bool m_busy = false;
    bool m_cancelled = false;
    qint64 m_listed = 0;
    qint64 m_bytes = 0;
    qint64 m_verified = 0;
    qint64 m_lost = 0;
    qint64 m_damaged = 0;
    qint64 m_found = 0;   ///< In the bucket and not known to be; of a file that is known.
    qint64 m_unknown = 0; ///< The same, of nothing that is known.
    qint64 m_foreign = 0;
    QJsonArray m_lostNames;
    QJsonArray m_damagedNames;
    QJsonArray m_unknownNames;
    QJsonArray m_foreignNames;
};

} // namespace cring::backup
