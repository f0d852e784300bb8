// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/troublewords.h"

#include "core/base/words.h"

namespace cring::service {

using control::BackendStatus;
using control::BackupStatus;
using control::TroubleKind;
using std::chrono::milliseconds;

namespace {

QString waiting(qint64 count, const QString &what)
{
    return what + (count == 1 ? QStringLiteral(" waits") : QStringLiteral(" wait")) +
           QStringLiteral(" for a person");
}

} // namespace

QString serverTrouble(const BackendStatus &backend, qint64 nowMs)
{
    if (backend.state == QStringLiteral("misconfigured"))
        return QStringLiteral("%1 misconfigured (%2)").arg(backend.name, backend.reason);
    if (backend.state == QStringLiteral("down")) {
        return QStringLiteral("%1 down for %2")
            .arg(backend.name, words::duration(milliseconds(nowMs - backend.sinceMs)));
    }
    return QStringLiteral("%1 fails requests").arg(backend.name);
}

QString accountsLack(const BackendStatus &backend)
{
    return QStringLiteral("%1 does not know %2 (%3 owed)")
        .arg(backend.name, words::counted(backend.unknownAccounts, "account"))
        .arg(backend.owed);
}

QString lockedBackup(const BackupStatus &backup)
{
    return QStringLiteral("The backup %1 waits: %2").arg(backup.name, backup.reason);
}

QString heldDeletes(const BackupStatus &backup)
{
    return QStringLiteral("The backup %1 holds %2 back until a person decides")
        .arg(backup.name, words::counted(backup.heldDeletes, "delete"));
}

QString stuckBackup(const BackupStatus &backup, milliseconds lasts)
{
    return QStringLiteral("No backup to %1 for %2: %3")
        .arg(backup.name, words::duration(lasts), backup.reason);
}

QString incompleteBackup(const BackupStatus &backup, milliseconds lasts)
{
    return QStringLiteral("No backup of all to %1 for %2: %3")
        .arg(backup.name, words::duration(lasts), backup.objectsProblem);
}

QString failedDrill(const BackupStatus &backup)
{
    return QStringLiteral("The last restore drill of %1 failed: %2").arg(backup.name, backup.drill.problem);
}

QString findingsWait(qint64 count)
{
    return waiting(count, words::counted(count, "finding"));
}

QString clashesWait(qint64 count)
{
    return waiting(count, words::counted(count, "clash of accounts", "clashes of accounts"));
}

QString wordsOf(const control::Trouble &trouble, const control::Snapshot &snapshot)
{
    const auto server = [&]() -> const BackendStatus & {
        return snapshot.backends.at(trouble.place);
    };
    const auto backup = [&]() -> const BackupStatus & {
        return snapshot.backups.at(trouble.place);
    };
    switch (trouble.kind) {
    case TroubleKind::ServerUnusable:
        return serverTrouble(server(), snapshot.takenMs);
    case TroubleKind::AccountsUnknown:
        return accountsLack(server());
    case TroubleKind::BackupLocked:
        return lockedBackup(backup());
    case TroubleKind::BackupOverdue:
        return QStringLiteral("No backup of all to %1 for %2")
            .arg(backup().name, words::duration(trouble.lasts));
    case TroubleKind::DeletesHeld:
        return heldDeletes(backup());
    case TroubleKind::BackupStuck:
        return stuckBackup(backup(), trouble.lasts);
    case TroubleKind::BackupIncomplete:
        return incompleteBackup(backup(), trouble.lasts);
    case TroubleKind::DrillFailed:
        return failedDrill(backup());
    case TroubleKind::Findings:
        return findingsWait(trouble.count);
    case TroubleKind::AccountsClash:
        return clashesWait(trouble.count);
    case TroubleKind::WritesRefused:
    case TroubleKind::UnknownToThisOne:
        break;
    }
    return snapshot.verdict;
}

} // namespace cring::service
