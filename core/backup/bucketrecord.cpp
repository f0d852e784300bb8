// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bucketrecord.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace cring::backup {

namespace {

constexpr QLatin1String kPlace("place");
constexpr QLatin1String kAt("atMs");
constexpr QLatin1String kFailed("failed");
constexpr QLatin1String kFindings("findings");
constexpr QLatin1String kWrites("writes");
constexpr std::chrono::milliseconds kFirstPause = std::chrono::minutes(1);
constexpr std::chrono::milliseconds kLongestPause = std::chrono::hours(24);

QString placeOf(const config::Backup &config)
{
    return config.url + u'/' + config.bucket;
}

} // namespace

BucketRecord BucketRecord::of(const QList<BucketFinding> &findings, const config::Backup &config,
                              qint64 nowMs, const std::optional<BucketRecord> &before)
{
    BucketRecord record;
    record.place = placeOf(config);
    record.atMs = nowMs;
    bool wrote = false;
    for (const BucketFinding &finding : findings) {
        if (finding.refusal) {
            for (const QString &known : before ? before->findings : QStringList()) {
                if (known.section(u':', 0, 0) != finding.step)
                    continue;
                record.findings << known;
                record.failed = record.failed || before->failed;
            }
            continue;
        }
        record.failed = record.failed || finding.level == BucketFinding::Level::Failed;
        if (!finding.isGood())
            record.findings << finding.step + QStringLiteral(": ") + finding.text;
        wrote = wrote || finding.step == QLatin1String("write");
    }
    record.writes = record.failed && wrote ? (before ? before->writes : 0) + 1 : 0;
    return record;
}

std::optional<BucketRecord> BucketRecord::parse(const QByteArray &bytes, const config::Backup &config)
{
    const QJsonObject object = QJsonDocument::fromJson(bytes).object();
    BucketRecord record;
    record.place = object.value(kPlace).toString();
    record.atMs = object.value(kAt).toInteger();
    record.failed = object.value(kFailed).toBool();
    record.writes = object.value(kWrites).toInt();
    for (const QJsonValue finding : object.value(kFindings).toArray())
        record.findings << finding.toString();
    return record.place == placeOf(config) ? std::optional(record) : std::nullopt;
}

std::chrono::milliseconds BucketRecord::pause() const
{
    const int doublings = std::clamp(writes - 1, 0, 20);
    return std::min(kLongestPause, kFirstPause * (1 << doublings));
}

bool BucketRecord::isDue(qint64 nowMs) const
{
    const std::chrono::milliseconds age(nowMs - atMs);
    return failed && (age >= pause() || age.count() < 0); // The clock was ahead.
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
                                     {kWrites, writes},
                                     {kFindings, QJsonArray::fromStringList(findings)}})
        .toJson(QJsonDocument::Compact);
}

} // namespace cring::backup
