// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/snapshotkeeper.h"
#include "core/control/snapshot.h"

namespace cring::service {

/// One look at each configured bucket; nothing is asked of any.
QList<control::BackupStatus> backupStatus(const backup::Backups &backups, const state::BucketLedger &ledger,
                                          const backup::SnapshotKeeper *snapshots);

} // namespace cring::service
