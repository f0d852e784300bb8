// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/snapshot.h"
#include "core/jobs/jobs.h"
#include "core/service/queuetally.h"
#include "core/telemetry/metrics.h"

namespace cring::service {

/// How many copies files have, and what was found at the servers.
void addFiles(telemetry::Samples &samples, const control::Snapshot &ring);
/// What a server has not got yet.
void addQueue(telemetry::Samples &samples, const control::BackendStatus &server,
              const QueueTally::Rows &rows);
/// Long work: what is under way, and when it was last done.
void addJobs(telemetry::Samples &samples, const jobs::Jobs &jobs);
/// What of a bucket its own metrics do not know.
void addBackups(telemetry::Samples &samples, const QList<control::BackupStatus> &backups);
/// Where notices go out.
void addOutlets(telemetry::Samples &samples, const QList<control::OutletStatus> &outlets);

} // namespace cring::service
