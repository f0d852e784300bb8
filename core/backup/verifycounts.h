// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QJsonArray>
#include <QJsonObject>

namespace cring::backup {

/// What a comparison of a bucket has come to so far: numbers, and the first names of each. A value.
struct VerifyCounts
{
    /// Of a kind that are named; the numbers say how many there are.
    static constexpr qsizetype kNames = 100;

    struct Named
    {
        qint64 count = 0;
        QJsonArray names;

        void add(const QByteArray &name);
    };

    qint64 listed = 0;
    qint64 bytes = 0;
    qint64 verified = 0;
    qint64 found = 0;      ///< In the bucket and not known to be; of a file that is known.
    qint64 uncompared = 0; ///< Read, and no digest was known to compare it with.
    qint64 unasked = 0;    ///< Of the unread: not listed either.
    Named lost;
    Named damaged;
    Named unread;  ///< The bucket answers, and does not give these.
    Named unknown; ///< In the bucket, of nothing that is known.
    Named foreign;

    static VerifyCounts fromJson(const QJsonObject &json);
    QJsonObject toJson() const;
};

} // namespace cring::backup
