// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/accountsnapshot.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/config/config.h"

namespace cring::service {

/// What came of it.
struct RecoveredState
{
    qint64 accounts = 0;
    QString serverKeyFile; ///< "" when the snapshot has no key.
};

/// Good when a new state can be put there: nothing is there, an empty folder, or what a recovery has left
/// that was killed. StateDirectory.
Status checkUnused(const QString &directory);

/// Puts what a snapshot has into an empty state directory, as a service would have left it: accounts,
/// sequence floors, the servers' key (0600) and whom their tokens name, and the recovery kit, which has just
/// been read. The directory itself stays what it is: a mount point, a link, another user's (root gives that
/// user the files). Blocks; without an event loop running. What fails takes away what it has made so far.
/// StateDirectory, StateLocked (a service or another recovery works there), StateFile, SnapshotInvalid.
Result<RecoveredState> recoverState(const backup::AccountSnapshot &snapshot, const backup::RecoveryKit &kit,
                                    const QString &directory, const IClock &clock, IRandom &random);

/// A configuration for a ring that has the bucket and no server yet: TOML.
QByteArray configurationFor(const config::Backup &backup, const RecoveredState &state);

} // namespace cring::service
