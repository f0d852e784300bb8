// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bucketrecord.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace cring::backup {

namespace {

constexpr QLatin1String kPlace("place");
constexpr QLatin1String kAt("atMs");
constexpr QLatin1String kFailed("failed");
constexpr QLatin1String kFindings("findings");

QString placeOf(const config::Backup &config)
{
    return config.url + u'/' + config.bucket;
}

} // namespace

BucketRecord BucketRecord::of(const BucketCheck &check, const config::Backup &config, qint64 nowMs)
{
    BucketRecord record;
    record.place = placeOf(config);
    record.atMs = nowMs;
    for (const BucketFinding &finding : check.findings()) {
        record.failed = record.failed || finding.level == BucketFinding::Level::Failed;
        if (!finding.isGood())
            record.findings << finding.step + QStringLiteral(": ") + finding.text;
    }
    return record;
}

std::optional<BucketRecord> BucketRecord::parse(const QByteArray &bytes, const config::Backup &config)
{
    const QJsonObject object = QJsonDocument::fromJson(bytes).object();
    BucketRecord record;
    record.place = object.value(kPlace).toString();
    record.atMs = object.value(kAt).toInteger();
    record.failed = object.value(kFailed).toBool();
    for (const QJsonValue finding : object.value(kFindings).toArray())
        record.findings << finding.toString();
    return record.place == placeOf(config) ? std::optional(record) : std::nullopt;
}

QStringList BucketRecord::steps() const
{
    QStringList steps;
    for (const QString &finding : findings)
        steps << finding.section(u':', 0, 0);
    return steps;
}

QByteArray BucketRecord::toBytes() const
{
    return QJsonDocument(QJsonObject{{kPlace, place},
                                     {kAt, atMs},
                                     {kFailed, failed},
                                     {kFindings, QJsonArray::fromStringList(findings)}})
        .toJson(QJsonDocument::Compact);
}

} // namespace cring::backup
