// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/snapshotkeeper.h"
#include "core/control/snapshot.h"

namespace cring::control {
class Server;
} // namespace cring::control

namespace cring::service {

/// recoverykit.show, .set and .confirm: of the public half alone, the private one never comes here. `keeper`
/// outlives the server.
void addRecoveryKitMethods(control::Server &server, backup::SnapshotKeeper &keeper);

control::RecoveryKitStatus recoveryKitStatus(const std::optional<backup::KitRecord> &record);

/// What a person with a backup is to be reminded of; "" when all is done.
QString kitReminder(const control::RecoveryKitStatus &status);

} // namespace cring::service
