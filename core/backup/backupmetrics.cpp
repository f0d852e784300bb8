// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/backupmetrics.h"

#include "core/backup/drillrecord.h"
#include "core/backup/verifyjob.h"

namespace cring::backup {

namespace {

using telemetry::Metric;
using telemetry::MetricType;

constexpr Metric kObjects{"cring_backup_objects", MetricType::Gauge,
                          "Objects that the bucket is known to have."};
constexpr Metric kOwed{"cring_backup_owed_objects", MetricType::Gauge,
                       "Files and folders that the bucket has not got yet."};
constexpr Metric kOwedBytes{"cring_backup_owed_bytes", MetricType::Gauge, "Bytes of these."};
constexpr Metric kDeletes{"cring_backup_owed_deletes", MetricType::Gauge,
                          "Deletes that the bucket has not got yet."};
constexpr Metric kHeld{"cring_backup_held_deletes", MetricType::Gauge, "Of these: they wait for a person."};
constexpr Metric kOldest{
    "cring_backup_oldest_owed_timestamp_seconds", MetricType::Gauge,
    "When the oldest change was made that the bucket has not got; 0: it has everything."};
constexpr Metric kVerified{"cring_backup_verified_timestamp_seconds", MetricType::Gauge,
                           "Begin of the last comparison that found nothing wrong; 0: never."};
constexpr Metric kDrilled{"cring_backup_drilled_timestamp_seconds", MetricType::Gauge,
                          "Begin of the last restore drill; 0: never."};
constexpr Metric kDrillFailures{"cring_backup_drill_failures", MetricType::Gauge,
                                "What did not come back in it as it was: files, and the accounts as one."};
constexpr Metric kWell{"cring_backup_well", MetricType::Gauge,
                       "1 when the bucket can be written to, as far as is known."};
constexpr Metric kFindings{"cring_backup_bucket_findings", MetricType::Gauge,
                           "What the last look at the bucket has found to be wrong."};
constexpr Metric kStored{"cring_backup_stored_objects_total", MetricType::Counter, "Objects stored."};
constexpr Metric kStoredBytes{"cring_backup_stored_bytes_total", MetricType::Counter, "Bytes of these."};
constexpr Metric kRemoved{"cring_backup_removed_objects_total", MetricType::Counter, "Objects deleted."};
constexpr Metric kFailed{"cring_backup_failed_tries_total", MetricType::Counter, "Tries that failed."};

double seconds(qint64 ms)
{
    return static_cast<double>(ms) / 1'000;
}

} // namespace

void BackupMetrics::collect(telemetry::Samples &samples) const
{
    for (const auto &target : m_backups.all()) {
        const telemetry::Labels labels{{"backup", target->config().name}};
        const Mirror &mirror = target->mirror();
        const state::BucketLedger::Sum sum = m_ledger.sum(target->bucket());
        const auto add = [&](const Metric &metric, double value) {
            samples.add(metric, value, labels);
        };
        add(kObjects, static_cast<double>(m_ledger.objects(target->bucket()).size()));
        add(kOwed, static_cast<double>(sum.stores));
        add(kOwedBytes, static_cast<double>(sum.bytes));
        add(kDeletes, static_cast<double>(sum.removals));
        add(kHeld, static_cast<double>(mirror.heldDeletes()));
        add(kOldest, seconds(m_ledger.oldest(target->bucket())));
        add(kVerified, seconds(m_ledger.fact(target->bucket(), VerifyJob::kVerified).toLongLong()));
        const auto drill = DrillRecord::parse(m_ledger.fact(target->bucket(), DrillRecord::kFact));
        add(kDrilled, drill ? seconds(drill->atMs) : 0);
        add(kDrillFailures, drill ? static_cast<double>(drill->failed + (drill->accountsFailed ? 1 : 0)) : 0);
        add(kWell, mirror.problem().isEmpty() && mirror.locked().isEmpty() ? 1 : 0);
        const auto checked = target->checked();
        add(kFindings, checked ? static_cast<double>(checked->findings.size()) : 0);
        add(kStored, static_cast<double>(mirror.counts().stored));
        add(kStoredBytes, static_cast<double>(mirror.counts().bytes));
        add(kRemoved, static_cast<double>(mirror.counts().removed));
        add(kFailed, static_cast<double>(mirror.counts().failed));
    }
}

} // namespace cring::backup
