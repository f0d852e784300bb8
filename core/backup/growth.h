// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QDate>
#include <QList>
#include <QMap>
#include <QString>

#include <optional>

namespace cring::backup {

/// What became of one account in a bucket on one day. Sizes are bytes.
struct GrowthRow
{
    qint64 stored = 0; ///< Objects: each is a version more, where the bucket keeps them.
    qint64 storedBytes = 0;
    qint64 removed = 0;
    qint64 objects = 0; ///< That were there at the end of the day, or are there now, without older versions.
    qint64 bytes = 0;   ///< Of these.

    bool operator==(const GrowthRow &) const = default;
};

/// One day (UTC) of a bucket, by account.
struct GrowthDay
{
    QDate day;
    QMap<QByteArray, GrowthRow> accounts;

    GrowthRow sum() const;

    /// Name and value of the fact that it is in the ledger.
    static QByteArray factOf(const QDate &day);
    static GrowthDay parse(const QDate &day, const QByteArray &bytes);
    QByteArray toBytes() const;
};

/// What a bucket has of older versions: a fact in the ledger.
struct OldVersions
{
    static constexpr const char *kFact = "old_versions";

    struct Count
    {
        qint64 versions = 0;
        qint64 bytes = 0;
    };

    qint64 atMs = 0; ///< When they were counted; since 1970, UTC.
    QMap<QByteArray, Count> accounts;

    /// Nothing when they never were.
    static std::optional<OldVersions> parse(const QByteArray &bytes);
    QByteArray toBytes() const;
};

/// A day that stands out: more than ten times the median of the fourteen days before, and more than a GiB.
struct OddGrowth
{
    QDate day;
    qint64 bytes = 0;  ///< Stored on it.
    qint64 median = 0; ///< Of the days before.

    static constexpr int kDays = 14;
    /// A backup that has just begun brings everything at once: nothing is odd before so many days.
    static constexpr int kLeastDays = 7;
    static constexpr qint64 kTimes = 10;
    static constexpr qint64 kLeastBytes = 1LL << 30;

    QString words() const;
};

/// `before`: bytes stored on each of the days before, as many as are known, at most kDays.
std::optional<OddGrowth> judgeGrowth(const QDate &day, qint64 bytes, QList<qint64> before);

} // namespace cring::backup
