// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/growth.h"

#include "core/base/words.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace cring::backup {

namespace {

constexpr QLatin1String kAt("atMs");
constexpr QLatin1String kAccounts("accounts");

} // namespace

GrowthRow GrowthDay::sum() const
{
    GrowthRow sum;
    for (const GrowthRow &row : accounts) {
        sum.stored += row.stored;
        sum.storedBytes += row.storedBytes;
        sum.removed += row.removed;
        sum.objects += row.objects;
        sum.bytes += row.bytes;
    }
    return sum;
}

QByteArray GrowthDay::factOf(const QDate &day)
{
    return "growth/" + day.toString(Qt::ISODate).toLatin1();
}

GrowthDay GrowthDay::parse(const QDate &day, const QByteArray &bytes)
{
    GrowthDay parsed{day, {}};
    const QJsonObject object = QJsonDocument::fromJson(bytes).object();
    for (auto it = object.begin(); it != object.end(); ++it) {
        const QJsonArray values = it.value().toArray();
        parsed.accounts.insert(it.key().toLatin1(),
                               {values.at(0).toInteger(), values.at(1).toInteger(), values.at(2).toInteger(),
                                values.at(3).toInteger(), values.at(4).toInteger()});
    }
    return parsed;
}

QByteArray GrowthDay::toBytes() const
{
    QJsonObject object;
    for (auto it = accounts.begin(); it != accounts.end(); ++it)
        object.insert(QString::fromLatin1(it.key()),
                      QJsonArray{it->stored, it->storedBytes, it->removed, it->objects, it->bytes});
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

std::optional<OldVersions> OldVersions::parse(const QByteArray &bytes)
{
    const QJsonObject object = QJsonDocument::fromJson(bytes).object();
    OldVersions versions;
    versions.atMs = object.value(kAt).toInteger();
    const QJsonObject accounts = object.value(kAccounts).toObject();
    for (auto it = accounts.begin(); it != accounts.end(); ++it) {
        const QJsonArray values = it.value().toArray();
        versions.accounts.insert(it.key().toLatin1(), {values.at(0).toInteger(), values.at(1).toInteger()});
    }
    return versions.atMs > 0 ? std::optional(versions) : std::nullopt;
}

QByteArray OldVersions::toBytes() const
{
    QJsonObject counts;
    for (auto it = accounts.begin(); it != accounts.end(); ++it)
        counts.insert(QString::fromLatin1(it.key()), QJsonArray{it->versions, it->bytes});
    return QJsonDocument(QJsonObject{{kAt, atMs}, {kAccounts, counts}}).toJson(QJsonDocument::Compact);
}

QString OddGrowth::words() const
{
    return QStringLiteral("%1 were stored on %2, and %3 on a day before: look whether that is meant")
        .arg(words::bytes(bytes), day.toString(Qt::ISODate), words::bytes(median));
}

std::optional<OddGrowth> judgeGrowth(const QDate &day, qint64 bytes, QList<qint64> before)
{
    if (before.size() < OddGrowth::kLeastDays || bytes <= OddGrowth::kLeastBytes)
        return std::nullopt;
    std::ranges::sort(before);
    const qsizetype middle = before.size() / 2;
    const qint64 median = before.size() % 2 == 1 ? before[middle] : (before[middle - 1] + before[middle]) / 2;
    if (bytes / OddGrowth::kTimes <= median)
        return std::nullopt;
    return OddGrowth{day, bytes, median};
}

} // namespace cring::backup
