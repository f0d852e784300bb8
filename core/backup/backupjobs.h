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

/// Starts verifications and restore drills when they are due, one at a time: a bucket's listing, all its
/// bytes and a drill, each by its own interval from the end of the last one. One thread.
class BackupSchedule final : public QObject
{
    Q_OBJECT

public:
    BackupSchedule(jobs::Jobs &jobs, Backups &backups, state::BucketLedger &ledger, const IClock &clock);
    ~BackupSchedule() override;

private:
    void look();
    bool startVerify(const Target &target);
    bool startDrill(const Target &target);
    void handleEnded(qint64 id);
    bool isDue(const Target &target, const QByteArray &fact, std::chrono::milliseconds interval) const;

    jobs::Jobs &m_jobs;
    Backups &m_backups;
    state::BucketLedger &m_ledger;
    const IClock &m_clock;
    QHash<state::BucketLedger::Bucket, qint64> m_drillAgain; ///< After one that failed; ms since 1970.
    QTimer m_timer;
};

} // namespace cring::backup
