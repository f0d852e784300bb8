// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/backups.h"
#include "core/backup/kitrecord.h"
#include "core/backup/restoretoservers.h"
#include "core/jobs/jobs.h"

namespace cring::backup {

/// What the jobs of this folder work with; all of it outlives them.
struct BackupJobTools
{
    Backups &backups;
    state::BucketLedger &ledger;
    replica::ITokenSource &tokens;
    state::Conflicts &conflicts;
    RestoreToServers::Choose choose;
    QObject &writes; ///< Parent of writes that were begun, which outlive their job.
    std::function<replica::Environment &()> environment; ///< The newest.
    QString stateDirectory;                              ///< "": there is none.
    std::function<std::optional<KitRecord>()> kit;       ///< That is in use.
};

/// Registers VerifyJob, RestoreJob and DrillJob, and removes what a drill has left that was killed. Blocks
/// for that. Their parameters:
///
///     backup      name or id; may be left out where there is only one
///     deep        (verify) read every object
///     paths       (restore) "<charm id>" or "<charm id>/<path>", escaped; none: everything
///     atMs        (restore) wall time; left out: now
///     to          (restore) an absolute folder; or
///     toBackends  (restore) true
///     dryRun      (restore) only count
void addBackupJobs(jobs::Jobs &jobs, const BackupJobTools &tools);

/// How often is looked whether one is due.
struct SchedulePace
{
    std::chrono::milliseconds first{30'000}; ///< A service that has just been started has other things to do.
    std::chrono::milliseconds again{60'000};
    std::chrono::milliseconds next{1'000}; ///< Behind one that was done; another may be due as well.
};

/// Starts verifications and restore drills when they are due, one at a time: a bucket's listing, all its
/// bytes and a drill, each by its own interval from the end of the last one. One that fails is tried again
/// with growing pauses, one that a person has cancelled a day later, also by the next service; meanwhile the
/// others have their turn. One thread.
class BackupSchedule final : public QObject
{
    Q_OBJECT

public:
    BackupSchedule(jobs::Jobs &jobs, Backups &backups, state::BucketLedger &ledger, const IClock &clock,
                   const SchedulePace &pace = {});
    ~BackupSchedule() override;

private:
    using Bucket = state::BucketLedger::Bucket;

    void look();
    bool isFree(const Target &target);
    bool startVerify(const Target &target);
    bool startDrill(const Target &target);
    void handleEnded(qint64 id);
    bool isDue(const Target &target, const QByteArray &fact, std::chrono::milliseconds interval) const;
    bool mayTry(const Target &target, const QByteArray &kind) const;
    void pause(Bucket bucket, const QByteArray &kind, bool cancelled);

    jobs::Jobs &m_jobs;
    Backups &m_backups;
    state::BucketLedger &m_ledger;
    const IClock &m_clock;
    const SchedulePace m_pace;
    QHash<Bucket, qint64> m_started; ///< How many had been, with its last one: whose is the smallest is next.
    qint64 m_starts = 0;
    QHash<Bucket, std::chrono::milliseconds> m_busySince; ///< Monotonic.
    QTimer m_timer;
};

} // namespace cring::backup
