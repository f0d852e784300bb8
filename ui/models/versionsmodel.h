// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/keyedtablemodel.h"

#include <QJsonArray>

namespace cring::models {

/// What a bucket has, or had, at one path: an entry of `backup.versions`.
struct VersionRow
{
    QString version;
    bool current = false;
    bool deleted = false; ///< From then on there was nothing.
    qint64 modifiedMs = 0;
    qint64 size = 0;
};

/// The versions of one file, the newest first.
class VersionsModel : public KeyedTableModel<VersionRow>
{
    Q_OBJECT

public:
    enum Column { When, What, Size, ColumnCount };

    explicit VersionsModel(QObject *parent = nullptr);

    /// `versions` of `backup.versions`.
    void setVersions(const QJsonArray &versions);

private:
    QString text(const VersionRow &row, int column) const override;
    QString toolTip(const VersionRow &row, int column) const override;
    QVariant value(const VersionRow &, int, int) const override { return {}; }
};

} // namespace cring::models
