// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/versionsmodel.h"

#include <QJsonObject>

namespace cring::models {

VersionsModel::VersionsModel(QObject *parent)
    : KeyedTableModel({{tr("Stored")}, {tr("What")}, {tr("Size"), true}}, parent)
{
    Q_ASSERT(columnCount() == ColumnCount);
}

void VersionsModel::setVersions(const QJsonArray &versions)
{
    QList<VersionRow> rows;
    QSet<QString> seen;
    for (const QJsonValue &value : versions) {
        const QJsonObject object = value.toObject();
        VersionRow row;
        row.version = object.value(QStringLiteral("version")).toString();
        row.current = object.value(QStringLiteral("current")).toBool();
        row.deleted = object.value(QStringLiteral("deleted")).toBool();
        row.modifiedMs = object.value(QStringLiteral("modifiedMs")).toInteger();
        row.size = object.value(QStringLiteral("size")).toInteger();
        if (!seen.contains(row.version))
            rows.append(row);
        seen.insert(row.version);
    }
    setRows(rows, [](const VersionRow &row) { return row.version; });
}

QString VersionsModel::text(const VersionRow &row, int column) const
{
    switch (column) {
    case When:
        return Wording::clock(row.modifiedMs, 0);
    case What:
        if (row.deleted)
            return tr("deleted");
        return row.current ? tr("as it is now") : tr("an older version");
    case Size:
        return row.deleted ? Wording::nothing() : Wording::bytes(row.size);
    default:
        return {};
    }
}

QString VersionsModel::toolTip(const VersionRow &row, int column) const
{
    return column == When ? Wording::exactTime(row.modifiedMs) : text(row, column);
}

} // namespace cring::models
