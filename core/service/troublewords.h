// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/troubles.h"

/// What is wrong, in the service's own words: sentences for a person, in English, without a full stop.
namespace cring::service {

/// "charm2 down for 6 min", "charm3 misconfigured (its issuer differs)".
QString serverTrouble(const control::BackendStatus &backend, qint64 nowMs);
/// "charm3 does not know 1 account (12 owed)": it works, and takes nothing of theirs.
QString accountsLack(const control::BackendStatus &backend);

QString lockedBackup(const control::BackupStatus &backup);
QString heldDeletes(const control::BackupStatus &backup);
QString stuckBackup(const control::BackupStatus &backup, std::chrono::milliseconds lasts);
QString incompleteBackup(const control::BackupStatus &backup, std::chrono::milliseconds lasts);
QString failedDrill(const control::BackupStatus &backup);

QString findingsWait(qint64 count);
QString clashesWait(qint64 count);

/// Any of these.
QString wordsOf(const control::Trouble &trouble, const control::Snapshot &snapshot);

} // namespace cring::service
