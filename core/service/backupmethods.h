// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/backups.h"

namespace cring::control {
class Server;
} // namespace cring::control

namespace cring::service {

/// backup.run, .release, .discard and .versions. Verifying and restoring are jobs. `backups` and `ledger`
/// outlive the server.
void addBackupMethods(control::Server &server, backup::Backups &backups, state::BucketLedger &ledger);

} // namespace cring::service
