// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/workmetrics.h"

#include <numeric>

namespace cring::service {

using telemetry::Metric;
using telemetry::MetricType;
using telemetry::Samples;

namespace {

constexpr Metric kFiles{
    "cring_files", MetricType::Gauge,
    "Files by their good copies, when they were last counted; the highest number stands for "
    "as many or more."};
constexpr Metric kAtRisk{"cring_files_at_risk", MetricType::Gauge,
                         "Files with fewer good copies than they should have; those without any among them."};
constexpr Metric kCounted{"cring_files_counted_timestamp_seconds", MetricType::Gauge,
                          "When copies were last counted, in seconds since 1970-01-01T00:00:00Z; 0: never."};
constexpr Metric kFindings{"cring_findings", MetricType::Gauge,
                           "What was found at the servers and waits for a person."};
constexpr Metric kConflicts{"cring_conflicts", MetricType::Gauge, "Versions of files that are kept aside."};
constexpr Metric kPaused{"cring_background_paused", MetricType::Gauge,
                         "1 while background work rests because a person or the network wants it, else 0."};

constexpr Metric kServerFiles{"cring_server_files", MetricType::Gauge,
                              "Good copies on the server, when they were last counted."};
constexpr Metric kServerMissing{"cring_server_missing_files", MetricType::Gauge,
                                "Files that the server should have and has not."};
constexpr Metric kServerExtra{"cring_server_extra_files", MetricType::Gauge,
                              "Files that the server has and need not have."};
constexpr Metric kOwed{"cring_server_owed_items", MetricType::Gauge,
                       "What the server has not got yet, by kind; counted every few seconds."};
constexpr Metric kOldest{"cring_server_oldest_owed_timestamp_seconds", MetricType::Gauge,
                         "Since when the oldest of these is owed. Not there for kinds of which nothing is."};
constexpr Metric kUnknownAccounts{"cring_server_unknown_accounts", MetricType::Gauge,
                                  "Accounts of what is owed to the server that it does not know."};

constexpr Metric kRunning{"cring_job_under_way", MetricType::Gauge,
                          "1 while a job of the kind is under way, paused or not, else 0."};
constexpr Metric kDone{
    "cring_job_done_items", MetricType::Gauge,
    "What the job under way has gone through, files as a rule. Not there while there is none."};
constexpr Metric kTotal{"cring_job_total_items", MetricType::Gauge,
                        "Of how many. Not there while that is not known."};
constexpr Metric kBytes{"cring_job_bytes", MetricType::Gauge,
                        "Bytes that the job under way has read or moved. Not there while there is none."};
constexpr Metric kLastDone{"cring_job_last_done_timestamp_seconds", MetricType::Gauge,
                           "End of the last job of the kind that came to its end; 0: none is remembered."};
constexpr Metric kLastFailed{"cring_job_last_failed", MetricType::Gauge,
                             "1 when the last job of the kind that has ended failed, else 0."};

constexpr Metric kDeepVerified{"cring_backup_deep_verified_timestamp_seconds", MetricType::Gauge,
                               "Begin of the last one that read every byte as well; 0: never."};
constexpr Metric kAccountsSaved{"cring_backup_accounts_saved_timestamp_seconds", MetricType::Gauge,
                                "When the accounts were last saved there; 0: never."};

constexpr Metric kWaiting{"cring_notices_waiting", MetricType::Gauge, "Notices that have not gone out."};
constexpr Metric kFailing{"cring_notices_failing", MetricType::Gauge,
                          "1 when the last try to tell somebody failed, else 0."};
constexpr Metric kSent{"cring_notices_sent_total", MetricType::Counter,
                       "Notices that went out; of the dead-man's address, its calls."};
constexpr Metric kFailedTries{"cring_notices_failed_tries_total", MetricType::Counter, "Tries that failed."};

double secondsOf(qint64 ms)
{
    return telemetry::inSeconds(std::chrono::milliseconds(ms));
}

void addEnds(Samples &samples, const telemetry::Label &kind, const QList<jobs::Jobs::Info> &all)
{
    using State = jobs::Jobs::State;
    qint64 lastDone = 0;
    const jobs::Jobs::Info *last = nullptr;
    for (const jobs::Jobs::Info &job : all) {
        if (job.kind != kind.value || !job.ended())
            continue;
        if (job.state == State::Done)
            lastDone = std::max(lastDone, job.changed);
        if (job.state != State::Cancelled && (!last || job.changed > last->changed))
            last = &job;
    }
    samples.add(kLastDone, secondsOf(lastDone), {kind});
    samples.add(kLastFailed, last && last->state == State::Failed ? 1 : 0, {kind});
}

} // namespace

void addFiles(Samples &samples, const control::Snapshot &ring)
{
    samples.add(kFindings, static_cast<double>(ring.findings));
    samples.add(kConflicts, static_cast<double>(ring.conflicts));
    samples.add(kPaused, ring.paused ? 1 : 0);
    samples.add(kCounted, secondsOf(ring.countedMs.value_or(0)));
    if (ring.copies.isEmpty())
        return;
    const auto wanted = std::min<qsizetype>(ring.replicas, ring.copies.size() - 1);
    qint64 atRisk = 0;
    for (qsizetype n = 0; n < wanted; ++n) {
        samples.add(kFiles, static_cast<double>(ring.copies.at(n)), {{"copies", QString::number(n)}});
        atRisk += ring.copies.at(n);
    }
    const qint64 enough = std::accumulate(ring.copies.begin() + wanted, ring.copies.end(), qint64(0));
    samples.add(kFiles, static_cast<double>(enough), {{"copies", QString::number(wanted)}});
    samples.add(kAtRisk, static_cast<double>(atRisk));
}

void addQueue(Samples &samples, const control::BackendStatus &server, const QueueTally::Rows &rows)
{
    const telemetry::Label label{"server", server.name};
    if (server.files)
        samples.add(kServerFiles, static_cast<double>(*server.files), {label});
    if (server.missing)
        samples.add(kServerMissing, static_cast<double>(*server.missing), {label});
    if (server.extra)
        samples.add(kServerExtra, static_cast<double>(*server.extra), {label});
    samples.add(kUnknownAccounts, static_cast<double>(server.unknownAccounts), {label});
    for (const QString &kind : QueueTally::kinds()) {
        const QueueTally::Row row = rows.value(kind);
        samples.add(kOwed, static_cast<double>(row.count), {label, {"kind", kind}});
        if (row.count > 0)
            samples.add(kOldest, secondsOf(row.oldestMs), {label, {"kind", kind}});
    }
}

void addJobs(Samples &samples, const jobs::Jobs &jobs)
{
    const QList<jobs::Jobs::Info> all = jobs.list();
    for (const QString &name : jobs.kinds()) {
        const telemetry::Label kind{"kind", name};
        const auto underWay = jobs.underWay(name);
        samples.add(kRunning, underWay ? 1 : 0, {kind});
        if (underWay) {
            samples.add(kDone, static_cast<double>(underWay->progress.done), {kind});
            samples.add(kBytes, static_cast<double>(underWay->progress.bytes), {kind});
            if (underWay->progress.total >= 0)
                samples.add(kTotal, static_cast<double>(underWay->progress.total), {kind});
        }
        addEnds(samples, kind, all);
    }
}

void addBackups(Samples &samples, const QList<control::BackupStatus> &backups)
{
    for (const control::BackupStatus &backup : backups) {
        const telemetry::Label label{"backup", backup.name};
        samples.add(kDeepVerified, secondsOf(backup.deepVerifiedMs.value_or(0)), {label});
        samples.add(kAccountsSaved, secondsOf(backup.accountsMs.value_or(0)), {label});
    }
}

void addOutlets(Samples &samples, const QList<control::OutletStatus> &outlets)
{
    for (const control::OutletStatus &outlet : outlets) {
        const telemetry::Label label{"outlet", outlet.name};
        samples.add(kWaiting, static_cast<double>(outlet.waiting), {label});
        samples.add(kFailing, outlet.problemSinceMs ? 1 : 0, {label});
        samples.add(kSent, static_cast<double>(outlet.sent), {label});
        samples.add(kFailedTries, static_cast<double>(outlet.failed), {label});
    }
}

} // namespace cring::service
