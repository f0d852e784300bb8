// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/backuphistory.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSaveFile>

namespace cring::models {

namespace {

/// Far more than a day of many buckets.
constexpr qint64 kMostBytes = 16 * 1024 * 1024;

using Sample = BackupHistory::Sample;

Sample sampleOf(const control::BackupStatus &backup, qint64 nowMs)
{
    Sample sample;
    sample.timeMs = nowMs;
    sample.ageMs = backup.oldestMs ? std::max<qint64>(0, nowMs - *backup.oldestMs) : 0;
    sample.files = backup.owed + backup.owedDeletes;
    sample.bytes = backup.owedBytes;
    return sample;
}

void dropOld(QList<Sample> &samples, qint64 nowMs)
{
    const auto isOld = [nowMs](const Sample &sample) {
        // A clock that was set back leaves samples of the future.
        return sample.timeMs < nowMs - BackupHistory::spanMs || sample.timeMs > nowMs;
    };
    samples.removeIf(isOld);
}

} // namespace

BackupHistory::BackupHistory(QString file, QObject *parent)
    : QObject(parent)
    , m_file(std::move(file))
{
    load();
}

void BackupHistory::add(const control::Snapshot &snapshot)
{
    bool isNew = false;
    for (const control::BackupStatus &backup : snapshot.backups) {
        const Sample sample = sampleOf(backup, snapshot.takenMs);
        QList<Sample> &samples = m_samples[backup.id];
        if (!samples.isEmpty() && samples.last().timeMs / stepMs == sample.timeMs / stepMs) {
            Sample &last = samples.last();
            last.ageMs = std::max(last.ageMs, sample.ageMs);
            last.files = std::max(last.files, sample.files);
            last.bytes = std::max(last.bytes, sample.bytes);
            continue;
        }
        dropOld(samples, snapshot.takenMs);
        samples.append(sample);
        isNew = true;
    }
    if (!isNew)
        return;
    // A bucket that is no more goes with the day.
    m_samples.removeIf([&](QHash<QString, QList<Sample>>::iterator one) {
        dropOld(*one, snapshot.takenMs);
        return one->isEmpty();
    });
    save();
    Q_EMIT changed();
}

void BackupHistory::load()
{
    QFile file(m_file);
    if (m_file.isEmpty() || !file.open(QIODevice::ReadOnly) || file.size() > kMostBytes)
        return;
    const QJsonObject buckets = QJsonDocument::fromJson(file.readAll()).object();
    for (auto bucket = buckets.begin(); bucket != buckets.end(); ++bucket) {
        QList<Sample> samples;
        const QJsonArray array = bucket->toArray();
        for (const QJsonValue value : array) {
            const QJsonArray one = value.toArray();
            const Sample sample{one.at(0).toInteger(), one.at(1).toInteger(), one.at(2).toInteger(),
                                one.at(3).toInteger()};
            if (sample.timeMs > 0 && (samples.isEmpty() || sample.timeMs > samples.last().timeMs))
                samples.append(sample);
        }
        m_samples.insert(bucket.key(), samples);
    }
}

/// Once a minute, some kilobytes. That it could not be written is of no consequence.
void BackupHistory::save() const
{
    if (m_file.isEmpty())
        return;
    QDir().mkpath(QFileInfo(m_file).path());
    QJsonObject buckets;
    for (auto bucket = m_samples.begin(); bucket != m_samples.end(); ++bucket) {
        QJsonArray array;
        for (const Sample &sample : *bucket)
            array.append(QJsonArray{sample.timeMs, sample.ageMs, sample.files, sample.bytes});
        buckets.insert(bucket.key(), array);
    }
    QSaveFile file(m_file);
    if (file.open(QIODevice::WriteOnly)) {
        file.write(QJsonDocument(buckets).toJson(QJsonDocument::Compact));
        file.commit();
    }
}

} // namespace cring::models
