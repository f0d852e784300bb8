// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/snapshot.h"

#include <QHash>
#include <QObject>

namespace cring::models {

/// How much waits for the buckets, minute by minute, over the last day. The window keeps it: the service
/// counts what is, and nobody else asks what was. Kept in a file of the cache, so that a new window knows of
/// the last one's time. One thread.
class BackupHistory : public QObject
{
    Q_OBJECT

public:
    struct Sample
    {
        qint64 timeMs = 0; ///< Wall time of the service.
        qint64 ageMs = 0;  ///< How long the oldest change waits; 0: nothing waits.
        qint64 files = 0;  ///< And deletes.
        qint64 bytes = 0;

        bool operator==(const Sample &) const = default;
    };

    static constexpr qint64 stepMs = 60'000;
    static constexpr qint64 spanMs = 24 * 60 * stepMs;

    /// `file` "": it is forgotten with this. What is no such file counts as empty.
    explicit BackupHistory(QString file = {}, QObject *parent = nullptr);

    /// The worst of a minute stays.
    void add(const control::Snapshot &snapshot);
    /// Of a bucket, by its id; the oldest first. Times in which nobody looked are missing.
    QList<Sample> of(const QString &backup) const { return m_samples.value(backup); }

Q_SIGNALS:
    /// A minute is over.
    void changed();

private:
    void load();
    void save() const;

    const QString m_file;
    QHash<QString, QList<Sample>> m_samples;
};

} // namespace cring::models
