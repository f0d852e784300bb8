// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/backupsmodel.h"

#include "ui/models/wording.h"

namespace cring::models {

using control::BackupStatus;

namespace {

QString ageOrNever(std::optional<qint64> thenMs, qint64 nowMs)
{
    return thenMs ? BackupsModel::tr("%1 ago").arg(Wording::age(*thenMs, nowMs)) : BackupsModel::tr("never");
}

QString versioningWords(const QString &versioning)
{
    if (versioning == QStringLiteral("enabled"))
        return BackupsModel::tr("kept");
    if (versioning == QStringLiteral("suspended"))
        return BackupsModel::tr("suspended");
    if (versioning == QStringLiteral("never"))
        return BackupsModel::tr("not kept");
    return BackupsModel::tr("not known yet");
}

QString waitingWords(const BackupStatus &backup)
{
    const qint64 count = backup.owed + backup.owedDeletes;
    if (count == 0)
        return Wording::number(0);
    return backup.owedBytes > 0
               ? BackupsModel::tr("%1 (%2)").arg(Wording::number(count), Wording::bytes(backup.owedBytes))
               : Wording::number(count);
}

} // namespace

QString backupStateWords(const BackupStatus &backup)
{
    if (backup.state == QStringLiteral("idle"))
        return backup.objectsProblem.isEmpty() ? BackupsModel::tr("Up to date")
                                               : BackupsModel::tr("Not all stored");
    if (backup.state == QStringLiteral("working"))
        return BackupsModel::tr("Storing");
    if (backup.state == QStringLiteral("waiting"))
        return BackupsModel::tr("Waiting for the next try");
    if (backup.state == QStringLiteral("paused"))
        return BackupsModel::tr("Paused");
    if (backup.state == QStringLiteral("closed"))
        return BackupsModel::tr("Outside its hours");
    if (backup.state == QStringLiteral("locked"))
        return BackupsModel::tr("Locked");
    return backup.state;
}

Tone BackupRow::tone() const
{
    if (backup.state == QStringLiteral("locked"))
        return Tone::Bad;
    if (backup.state == QStringLiteral("waiting") || !backup.objectsProblem.isEmpty() ||
        backup.heldDeletes > 0 || !backup.drill.problem.isEmpty())
        return Tone::Warning;
    return backup.state == QStringLiteral("working") ? Tone::Busy : Tone::Good;
}

std::optional<std::chrono::milliseconds> BackupRow::lag() const
{
    if (!backup.oldestMs)
        return std::nullopt;
    return std::chrono::milliseconds(takenMs - *backup.oldestMs);
}

BackupsModel::BackupsModel(QObject *parent)
    : KeyedTableModel({{tr("Name")},
                       {tr("State")},
                       {tr("Last verified")},
                       {tr("Objects"), true},
                       {tr("Waiting"), true},
                       {tr("Oldest"), true},
                       {tr("Older versions")},
                       {tr("Accounts saved")}},
                      parent)
{
    Q_ASSERT(columnCount() == ColumnCount);
}

void BackupsModel::setSnapshot(const control::Snapshot &snapshot)
{
    QList<BackupRow> wanted;
    QSet<QString> seen;
    for (const BackupStatus &backup : snapshot.backups) {
        if (seen.contains(backup.id))
            continue;
        seen.insert(backup.id);
        wanted.append({backup, snapshot.takenMs});
    }
    setRows(wanted, [](const BackupRow &row) { return row.backup.id; });
}

bool BackupsModel::looksOther(const BackupRow &before, const BackupRow &after, int column) const
{
    return column <= State && before.tone() != after.tone();
}

QString BackupsModel::text(const BackupRow &row, int column) const
{
    const BackupStatus &backup = row.backup;
    switch (column) {
    case Name:
        return backup.name;
    case State:
        return backupStateWords(backup);
    case Verified:
        return ageOrNever(backup.verifiedMs, row.takenMs);
    case Objects:
        return Wording::number(backup.objects);
    case Waiting:
        return waitingWords(backup);
    case Oldest:
        return row.lag() ? Wording::duration(*row.lag()) : Wording::nothing();
    case Versions:
        return versioningWords(backup.versioning);
    case Accounts:
        return ageOrNever(backup.accountsMs, row.takenMs);
    default:
        return {};
    }
}

QString BackupsModel::toolTip(const BackupRow &row, int column) const
{
    const BackupStatus &backup = row.backup;
    switch (column) {
    case Name:
        return tr("%1, bucket “%2”").arg(backup.url, backup.bucket);
    case State:
        return backup.reason.isEmpty() ? backup.objectsProblem : backup.reason;
    case Verified:
        return backup.verifiedMs ? Wording::exactTime(*backup.verifiedMs) : QString();
    case Accounts:
        return backup.accountsProblem;
    default:
        return {};
    }
}

QVariant BackupsModel::value(const BackupRow &row, int, int role) const
{
    switch (role) {
    case ToneRole:
        return QVariant::fromValue(row.tone());
    case IdRole:
        return row.backup.id;
    default:
        return {};
    }
}

} // namespace cring::models
