// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/verdict.h"

#include "core/base/words.h"
#include "core/control/troubles.h"
#include "core/service/troublewords.h"

#include <algorithm>

namespace cring::service {

using control::BackendStatus;
using control::Health;
using control::isUsable;
using control::Snapshot;

namespace {

/// What is wrong with a bucket, for a person; "" when nothing is, or not for long.
QString backupTrouble(const control::BackupStatus &backup, qint64 nowMs)
{
    if (backup.state == QStringLiteral("locked"))
        return lockedBackup(backup);
    if (backup.heldDeletes > 0)
        return heldDeletes(backup);
    const std::chrono::milliseconds lasts(nowMs - backup.reasonSinceMs.value_or(nowMs));
    if (!backup.reason.isEmpty() && lasts >= control::backupPatience)
        return stuckBackup(backup, lasts);
    const std::chrono::milliseconds owed(nowMs - backup.oldestMs.value_or(nowMs));
    if (!backup.objectsProblem.isEmpty() && owed >= control::backupPatience)
        return incompleteBackup(backup, owed);
    if (!backup.drill.problem.isEmpty())
        return failedDrill(backup);
    return {};
}

QStringList backupTroubles(const Snapshot &snapshot)
{
    QStringList troubles;
    for (const control::BackupStatus &backup : snapshot.backups) {
        if (const QString trouble = backupTrouble(backup, snapshot.takenMs); !trouble.isEmpty())
            troubles.append(trouble);
    }
    return troubles;
}

/// What is wrong with the ring itself while uploads go on; "" when all is well.
QString weakness(const Snapshot &snapshot, const QStringList &troubles, qsizetype usable)
{
    QStringList parts = troubles;
    for (const BackendStatus &backend : snapshot.backends) {
        if (backend.unknownAccounts > 0 && isUsable(backend))
            parts.append(accountsLack(backend));
    }
    if (parts.isEmpty())
        return {};
    return words::enumeration(parts) +
           (usable < snapshot.quorum ? QStringLiteral(". Uploads go on, with a copy on this machine's disk")
                                     : QStringLiteral(". Uploads go on"));
}

/// Of the first bucket that nothing is wrong with; "" where there is none.
QString readableBucket(const Snapshot &snapshot)
{
    const auto well = std::ranges::find_if(
        snapshot.backups, [](const control::BackupStatus &backup) { return backup.reason.isEmpty(); });
    return well == snapshot.backups.end() ? QString() : well->name;
}

/// What can still be done when no server can be used.
QString without(const Snapshot &snapshot)
{
    if (const QString bucket = readableBucket(snapshot); !bucket.isEmpty())
        return QStringLiteral("No server can be reached: read-only, from the bucket %1. ").arg(bucket);
    QString text = QStringLiteral("No server can be used: uploads and downloads fail. ");
    if (!snapshot.backups.isEmpty())
        text += QStringLiteral("The bucket %1 is in trouble, too: %2 ")
                    .arg(snapshot.backups.first().name, snapshot.backups.first().reason);
    return text;
}

/// The same when none is configured.
QString withoutAny(const Snapshot &snapshot)
{
    const QString bucket = readableBucket(snapshot);
    return QStringLiteral("No server is configured: nothing can be written. ") +
           (bucket.isEmpty() ? QString()
                             : QStringLiteral("Files are read from the bucket %1. ").arg(bucket)) +
           QStringLiteral("Clients' logins are answered from what is known of their accounts");
}

/// Why writes are refused; "" when they are not.
QString refusal(const Snapshot &snapshot, const QStringList &troubles, qsizetype usable)
{
    if (snapshot.draining)
        return QStringLiteral("Stopping: finishing what is under way, taking nothing new");
    if (snapshot.backends.isEmpty())
        return withoutAny(snapshot);
    if (usable == 0)
        return without(snapshot) + words::enumeration(troubles);
    if (!snapshot.recordsProblem.isEmpty())
        return QStringLiteral("Uploads and deletes are refused: ") + snapshot.recordsProblem;
    if (!snapshot.writesPossible)
        return QStringLiteral("%1 of %2 servers up: uploads fail. ")
                   .arg(usable)
                   .arg(snapshot.backends.size()) +
               words::enumeration(troubles);
    return {};
}

QString fullVerdict(const Snapshot &snapshot, const QStringList &troubles, qsizetype usable,
                    qsizetype unknown)
{
    if (QString reason = refusal(snapshot, troubles, usable); !reason.isEmpty())
        return reason;
    const qsizetype all = snapshot.backends.size();
    QString text = weakness(snapshot, troubles, usable);
    if (text.isEmpty() && unknown > 0)
        text = QStringLiteral("Looking at %1 of %2 servers for the first time").arg(unknown).arg(all);
    if (text.isEmpty())
        text = QStringLiteral("%1 of %1 servers up; each upload goes to %2").arg(all).arg(snapshot.replicas);
    for (const QString &backup : backupTroubles(snapshot))
        text += QStringLiteral(". ") + backup;
    if (snapshot.findings > 0)
        text += QStringLiteral(". ") + findingsWait(snapshot.findings);
    if (const qsizetype clashes = snapshot.accounts.clashes.size(); clashes > 0)
        text += QStringLiteral(". ") + clashesWait(clashes);
    return text;
}

} // namespace

void judge(Snapshot &snapshot)
{
    QStringList troubles;
    qsizetype unknown = 0;
    bool lacking = false;
    for (const BackendStatus &backend : snapshot.backends) {
        if (!isUsable(backend))
            troubles.append(serverTrouble(backend, snapshot.takenMs));
        else if (backend.state == QStringLiteral("unknown"))
            ++unknown;
        lacking = lacking || backend.unknownAccounts > 0;
    }
    const qsizetype usable = snapshot.backends.size() - troubles.size();
    // A local copy stands in for one of several, while there is room for it.
    const bool localCopy =
        snapshot.localCopy && snapshot.quorum > 1 && snapshot.spoolBytes < snapshot.spoolBudget;
    const int needed = localCopy ? snapshot.quorum - 1 : snapshot.quorum;
    snapshot.writesPossible =
        usable > 0 && usable >= needed && !snapshot.draining && snapshot.recordsProblem.isEmpty();
    const bool well = troubles.isEmpty() && unknown == 0 && !lacking && snapshot.findings == 0 &&
                      snapshot.accounts.clashes.isEmpty() && backupTroubles(snapshot).isEmpty();
    if (!snapshot.writesPossible)
        snapshot.health = Health::Refusing;
    else
        snapshot.health = well ? Health::Well : Health::Degraded;
    snapshot.verdict = fullVerdict(snapshot, troubles, usable, unknown);
}

} // namespace cring::service
