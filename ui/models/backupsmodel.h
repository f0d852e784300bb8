// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/snapshot.h"
#include "ui/models/keyedtablemodel.h"
#include "ui/models/serversmodel.h"

namespace cring::models {

/// A bucket in one snapshot.
struct BackupRow
{
    control::BackupStatus backup;
    qint64 takenMs = 0; ///< Of the snapshot; ages are taken against it.

    Tone tone() const;
    /// How long the oldest change has waited to be stored there; nothing waits: nothing.
    std::optional<std::chrono::milliseconds> lag() const;
};

/// The buckets, in the configuration's order.
class BackupsModel : public KeyedTableModel<BackupRow>
{
    Q_OBJECT

public:
    enum Column { Name, State, Verified, Objects, Waiting, Oldest, Versions, Accounts, ColumnCount };
    enum Roles {
        ToneRole = Qt::UserRole, ///< Tone
        IdRole,
    };

    explicit BackupsModel(QObject *parent = nullptr);

    void setSnapshot(const control::Snapshot &snapshot);

private:
    QString text(const BackupRow &row, int column) const override;
    QString toolTip(const BackupRow &row, int column) const override;
    QVariant value(const BackupRow &row, int column, int role) const override;
    bool looksOther(const BackupRow &before, const BackupRow &after, int column) const override;
};

/// "Up to date", "Storing", "Waiting", "Paused", "Outside its hours", "Locked".
QString backupStateWords(const control::BackupStatus &backup);

} // namespace cring::models
