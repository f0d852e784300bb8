// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/snapshotkeeper.h"

namespace cring::control {
class Server;
} // namespace cring::control

namespace cring::service {

/// backup.run, .check, .growth, .release, .discard and .versions. Verifying and restoring are jobs. `backups`
/// and `ledger` outlive the server, and so do `snapshots`, which may be null.
void addBackupMethods(control::Server &server, backup::Backups &backups, state::BucketLedger &ledger,
                      backup::SnapshotKeeper *snapshots);

} // namespace cring::service
