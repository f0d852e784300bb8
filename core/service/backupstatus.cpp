// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/backupstatus.h"

#include "core/backup/drillrecord.h"
#include "core/backup/verifyjob.h"

namespace cring::service {

using backup::Mirror;
using backup::Target;
using control::BackupStatus;

namespace {

QString stateName(Mirror::State state)
{
    switch (state) {
    case Mirror::State::Idle:
        return QStringLiteral("idle");
    case Mirror::State::Working:
        return QStringLiteral("working");
    case Mirror::State::Waiting:
        return QStringLiteral("waiting");
    case Mirror::State::Paused:
        return QStringLiteral("paused");
    case Mirror::State::Closed:
        return QStringLiteral("closed");
    case Mirror::State::Locked:
        break;
    }
    return QStringLiteral("locked");
}

QString versioningName(const std::optional<backup::Versioning> &versioning)
{
    if (!versioning)
        return QStringLiteral("unknown");
    switch (*versioning) {
    case backup::Versioning::Enabled:
        return QStringLiteral("enabled");
    case backup::Versioning::Suspended:
        return QStringLiteral("suspended");
    case backup::Versioning::Never:
        break;
    }
    return QStringLiteral("never");
}

std::optional<qint64> time(qint64 ms)
{
    return ms > 0 ? std::optional(ms) : std::nullopt;
}

control::DrillStatus drillOf(const Target &target, const state::BucketLedger &ledger)
{
    control::DrillStatus status;
    const auto record = backup::DrillRecord::parse(ledger.fact(target.bucket(), backup::DrillRecord::kFact));
    if (!record)
        return status;
    status.atMs = time(record->atMs);
    status.tookMs = record->tookMs;
    status.restored = record->files;
    status.bytes = record->bytes;
    status.unrestored = record->failed;
    status.problem = record->problem();
    status.failures = record->failures;
    status.accounts = record->accounts;
    return status;
}

BackupStatus statusOf(const Target &target, const state::BucketLedger &ledger,
                      const backup::SnapshotKeeper *snapshots)
{
    const Mirror &mirror = target.mirror();
    const state::BucketLedger::Sum sum = ledger.sum(target.bucket());
    BackupStatus status;
    status.name = target.config().name;
    status.id = target.config().id;
    status.url = target.config().url;
    status.bucket = target.config().bucket;
    status.state = stateName(mirror.state());
    status.reason = mirror.state() == Mirror::State::Locked ? mirror.locked() : mirror.problem();
    status.reasonSinceMs = time(mirror.problemSince());
    status.objectsProblem = mirror.objectProblem();
    status.versioning = versioningName(target.versioning());
    status.objects = static_cast<qint64>(ledger.objects(target.bucket()).size());
    status.owed = sum.stores;
    status.owedDeletes = sum.removals;
    status.owedBytes = sum.bytes;
    status.oldestMs = time(ledger.oldest(target.bucket()));
    status.heldDeletes = mirror.heldDeletes();
    status.stored = mirror.counts().stored;
    status.storedBytes = mirror.counts().bytes;
    status.removed = mirror.counts().removed;
    status.failed = mirror.counts().failed;
    status.verifiedMs = time(ledger.fact(target.bucket(), backup::VerifyJob::kVerified).toLongLong());
    status.deepVerifiedMs = time(ledger.fact(target.bucket(), backup::VerifyJob::kDeepVerified).toLongLong());
    status.lastMs = time(mirror.lastDone());
    if (snapshots) {
        const backup::SnapshotKeeper::Standing standing = snapshots->standing(target);
        status.accountsMs = standing.savedMs;
        status.accountsProblem = standing.problem;
        status.accountsPending = standing.pending;
    }
    if (const auto record = target.checked()) {
        status.checkedMs = time(record->atMs);
        status.checkFindings = record->findings;
    }
    status.drill = drillOf(target, ledger);
    if (const auto odd = target.growth().odd())
        status.growthWarning = odd->words();
    return status;
}

} // namespace

QList<BackupStatus> backupStatus(const backup::Backups &backups, const state::BucketLedger &ledger,
                                 const backup::SnapshotKeeper *snapshots)
{
    QList<BackupStatus> list;
    for (const auto &target : backups.all())
        list.append(statusOf(*target, ledger, snapshots));
    return list;
}

} // namespace cring::service
