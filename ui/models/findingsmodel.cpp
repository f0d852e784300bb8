// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/findingsmodel.h"

namespace cring::models {

QList<Remedy> remediesOf(const FindingRow &finding)
{
    if (finding.kind == QStringLiteral("unexplained"))
        return {Remedy::Adopt, Remedy::Forget};
    if (finding.kind == QStringLiteral("conflict"))
        return {Remedy::Choose};
    if (finding.kind == QStringLiteral("absence"))
        return {Remedy::Mend, Remedy::Forget};
    if (finding.kind == QStringLiteral("damage") || finding.kind == QStringLiteral("other kind"))
        return {Remedy::Mend};
    if (finding.kind == QStringLiteral("lost"))
        return {Remedy::Mend, Remedy::Forget};
    return {};
}

QString findingWords(const FindingRow &finding)
{
    if (finding.kind == QStringLiteral("unexplained"))
        return FindingsModel::tr("Nobody recorded it");
    if (finding.kind == QStringLiteral("absence"))
        return FindingsModel::tr("Gone without a delete");
    if (finding.kind == QStringLiteral("damage"))
        return FindingsModel::tr("Its bytes are damaged");
    if (finding.kind == QStringLiteral("conflict"))
        return FindingsModel::tr("Several versions, none by a quorum");
    if (finding.kind == QStringLiteral("other kind"))
        return FindingsModel::tr("A file here, a folder there");
    if (finding.kind == QStringLiteral("lost"))
        return FindingsModel::tr("No good copy is left");
    return finding.kind;
}

FindingRow FindingRow::fromJson(const QJsonObject &object)
{
    FindingRow row;
    row.id = object.value(QLatin1String("id")).toInteger();
    row.kind = object.value(QLatin1String("kind")).toString();
    row.account = object.value(QLatin1String("account")).toString();
    row.path = object.value(QLatin1String("path")).toString();
    row.server = object.value(QLatin1String("server")).toString();
    if (const QJsonValue size = object.value(QLatin1String("size")); size.isDouble())
        row.size = size.toInteger();
    row.sinceMs = object.value(QLatin1String("sinceMs")).toInteger();
    return row;
}

FindingsModel::FindingsModel(QObject *parent)
    : KeyedTableModel({{tr("What")}, {tr("File")}, {tr("Server")}, {tr("Size"), true}, {tr("Since"), true}},
                      parent)
{
    Q_ASSERT(columnCount() == ColumnCount);
}

void FindingsModel::setFindings(QList<FindingRow> findings, qint64 nowMs)
{
    for (FindingRow &row : findings)
        row.nowMs = nowMs;
    setRows(findings, [](const FindingRow &row) { return row.id; });
}

QString FindingsModel::text(const FindingRow &row, int column) const
{
    switch (column) {
    case What:
        return findingWords(row);
    case File:
        return row.path;
    case Server:
        return row.server.isEmpty() ? tr("all") : row.server;
    case Size:
        return row.size ? Wording::bytes(*row.size) : Wording::nothing();
    case Since:
        return Wording::age(row.sinceMs, row.nowMs);
    default:
        return {};
    }
}

QString FindingsModel::toolTip(const FindingRow &row, int column) const
{
    if (column == File)
        return tr("%1\nof the account %2").arg(row.path, row.account);
    return column == Since ? Wording::exactTime(row.sinceMs) : text(row, column);
}

QVariant FindingsModel::value(const FindingRow &, int, int) const
{
    return {};
}

} // namespace cring::models
