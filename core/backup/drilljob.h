// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/drillrecord.h"
#include "core/backup/drillsample.h"
#include "core/backup/kitrecord.h"
#include "core/backup/restoretask.h"
#include "core/backup/snapshotsearch.h"
#include "core/backup/target.h"
#include "core/jobs/job.h"

namespace cring::backup {

/// A restore drill: some files, chosen at random, come back from the bucket to a temporary folder, as they
/// would in an emergency, and are compared with the catalogue; the newest snapshot of the accounts is
/// fetched, and has to be sealed for the recovery kit that is in use. What the bucket has wrong is stored
/// again. The outcome is a fact of the bucket (DrillRecord).
///
/// One thread; the target outlives it. Disk: one file at a time. A drill that was interrupted begins anew.
class DrillJob final : public jobs::Job
{
    Q_OBJECT

public:
    static constexpr const char *kKind = "backup-drill";

    struct Means
    {
        Target &target; ///< These outlive it.
        state::BucketLedger &ledger;
        replica::Environment &environment;
        QString folder; ///< Of all drills; absolute. Made, 0700, and removed.
        std::optional<KitRecord> kit;
    };

    explicit DrillJob(Means means);
    ~DrillJob() override;

    void start(const QByteArray &cursor) override;
    void setPaused(bool paused) override;
    void cancel() override;
    jobs::JobProgress progress() const override;

    /// Where drills restore to, in the state directory.
    static QString folderIn(const QString &stateDirectory);

private:
    enum class Phase { Choosing, Restoring, Accounts, Ended };

    void proceed();
    void step();
    void choose();
    void restore();
    void handleRestored(const Result<Restored> &outcome);
    void compare();
    void handleCompared(const Status &same);
    bool hasMoved() const;
    void noteFailure(const Error &error);
    void lookAtAccounts();
    Status judgeSnapshot(const QByteArray &sealed) const;
    void handlePassedOver(const QByteArray &key, const QString &why);
    void handleNoSnapshot(const Error &error);
    void noteAccounts(bool failed, const QString &words);
    void dropSearch();
    void fail(const Error &error);
    void end();
    void clear(const std::function<void()> &then);

    const Means m_means;
    const std::shared_ptr<const void> m_use;
    const QString m_folder; ///< This one's.
    Phase m_phase = Phase::Choosing;
    DrillRecord m_record;
    DrillSample m_sample;
    replica::ObjectKey m_after; ///< What has been considered.
    QList<DrillSample::Item> m_items;
    DrillSample::Item m_item; ///< Under way.
    qint64 m_total = -1;
    qint64 m_moved = 0; ///< Changed meanwhile: not judged.
    std::unique_ptr<IRestoreDestination> m_destination;
    std::unique_ptr<RestoreTask> m_task;
    std::unique_ptr<SnapshotSearch> m_search;
    bool m_started = false; ///< Jobs says whether it is paused before that.
    bool m_paused = false;
    bool m_busy = false;
    bool m_cancelled = false;
};

} // namespace cring::backup
