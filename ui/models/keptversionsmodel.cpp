// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/keptversionsmodel.h"

#include <QJsonArray>

#include <algorithm>

namespace cring::models {

namespace {

std::optional<qint64> sizeIn(const QJsonObject &object)
{
    const QJsonValue size = object.value(QLatin1String("size"));
    return size.isDouble() && size.toInteger() >= 0 ? std::optional(size.toInteger()) : std::nullopt;
}

QString sizeWords(const KeptVersionRow &version)
{
    return version.size ? Wording::bytes(*version.size) : Wording::nothing();
}

} // namespace

QList<KeptVersionRow> KeptVersionRow::fromJson(const QJsonObject &conflict)
{
    KeptVersionRow common;
    common.account = conflict.value(QLatin1String("account")).toString();
    common.path = conflict.value(QLatin1String("path")).toString();
    QList<KeptVersionRow> rows;
    const QJsonValue current = conflict.value(QLatin1String("current"));
    if (current.isObject()) {
        const QJsonObject record = current.toObject();
        KeptVersionRow row = common;
        row.size = sizeIn(record);
        row.digest = record.value(QLatin1String("digest")).toString();
        row.sinceMs = record.value(QLatin1String("changedMs")).toInteger();
        row.isGone = record.value(QLatin1String("deleted")).toBool();
        for (const QJsonValue holder : conflict.value(QLatin1String("holders")).toArray())
            row.servers.append(holder.toString());
        rows.append(row);
    }
    for (const QJsonValue value : conflict.value(QLatin1String("kept")).toArray()) {
        const QJsonObject kept = value.toObject();
        KeptVersionRow row = common;
        row.id = kept.value(QLatin1String("id")).toInteger();
        if (row.id == 0)
            continue;
        row.size = sizeIn(kept);
        row.digest = kept.value(QLatin1String("digest")).toString();
        row.sinceMs = kept.value(QLatin1String("sinceMs")).toInteger();
        row.servers = {kept.value(QLatin1String("server")).toString()};
        rows.append(row);
    }
    return rows;
}

KeptVersionsModel::KeptVersionsModel(QObject *parent)
    : KeyedTableModel(
          {{tr("File")}, {tr("Version")}, {tr("Size"), true}, {tr("Server")}, {tr("Since"), true}}, parent)
{
    Q_ASSERT(columnCount() == ColumnCount);
}

void KeptVersionsModel::setVersions(QList<KeptVersionRow> versions, qint64 nowMs)
{
    for (KeptVersionRow &row : versions)
        row.nowMs = nowMs;
    setRows(versions, [](const KeptVersionRow &row) {
        return QStringLiteral("%1/%2 %3").arg(row.account, row.path).arg(row.id);
    });
}

const KeptVersionRow *KeptVersionsModel::currentOf(const KeptVersionRow &version) const
{
    const auto found = std::ranges::find_if(rows(), [&](const KeptVersionRow &row) {
        return row.isCurrent() && row.account == version.account && row.path == version.path;
    });
    return found == rows().end() ? nullptr : &*found;
}

const KeptVersionRow *KeptVersionsModel::keptLike(const KeptVersionRow &version) const
{
    const auto found = std::ranges::find_if(rows(), [&](const KeptVersionRow &row) {
        return !row.isCurrent() && row.account == version.account && row.path == version.path &&
               !row.digest.isEmpty() && row.digest == version.digest;
    });
    return found == rows().end() ? nullptr : &*found;
}

QString KeptVersionsModel::text(const KeptVersionRow &row, int column) const
{
    switch (column) {
    case File:
        return row.path;
    case Version:
        if (row.isGone)
            return tr("Holds: it is deleted");
        return row.isCurrent() ? tr("Holds now") : tr("Kept aside");
    case Size:
        return sizeWords(row);
    case Servers:
        return Wording::enumeration(row.servers);
    case Since:
        return row.sinceMs > 0 ? Wording::age(row.sinceMs, row.nowMs) : Wording::nothing();
    default:
        return {};
    }
}

QString KeptVersionsModel::toolTip(const KeptVersionRow &row, int column) const
{
    switch (column) {
    case File:
        return tr("%1\nof the account %2").arg(row.path, row.account);
    case Since:
        return Wording::exactTime(row.sinceMs);
    case Version:
        return row.digest.isEmpty() ? text(row, column)
                                    : tr("%1\ndigest %2…").arg(text(row, column), row.digest);
    default:
        return text(row, column);
    }
}

QVariant KeptVersionsModel::value(const KeptVersionRow &, int, int) const
{
    return {};
}

QString keptVersionWords(const KeptVersionRow &version, qint64 nowMs)
{
    if (version.isGone)
        return KeptVersionsModel::tr("that there is no such file (deleted %1 ago)")
            .arg(Wording::age(version.sinceMs, nowMs));
    const QString size = version.size ? Wording::bytes(*version.size) : KeptVersionsModel::tr("unknown size");
    const QString servers = Wording::enumeration(version.servers);
    if (version.isCurrent())
        return servers.isEmpty() ? KeptVersionsModel::tr("%1, written %2 ago")
                                       .arg(size, Wording::age(version.sinceMs, nowMs))
                                 : KeptVersionsModel::tr("%1 on %2, written %3 ago")
                                       .arg(size, servers, Wording::age(version.sinceMs, nowMs));
    return KeptVersionsModel::tr("%1 from %2, kept aside %3 ago")
        .arg(size, servers, Wording::age(version.sinceMs, nowMs));
}

} // namespace cring::models
