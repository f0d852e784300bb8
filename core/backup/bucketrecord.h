// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/bucketcheck.h"
#include "core/config/config.h"

#include <QStringList>

namespace cring::backup {

/// What the last look at all of a bucket has found: a fact of the bucket in the ledger. A value.
struct BucketRecord
{
    static constexpr const char *kFact = "check";

    QString place;        ///< URL and bucket: facts hang on an id, which may move.
    qint64 atMs = 0;      ///< Since 1970, UTC.
    bool failed = false;  ///< A step has: it is to be looked at again.
    int writes = 0;       ///< Looks in a row that have failed and written an object.
    QStringList findings; ///< "versioning: off: …": dangers, and what has failed.

    /// Where a step says only why a wish was not granted, what was known of it before stays.
    static BucketRecord of(const QList<BucketFinding> &findings, const config::Backup &config, qint64 nowMs,
                           const std::optional<BucketRecord> &before);
    /// Nothing when there is none, or it is of another place.
    static std::optional<BucketRecord> parse(const QByteArray &bytes, const config::Backup &config);
    QByteArray toBytes() const;
    /// Of one that has failed, until the next look. Each that writes leaves versions in a bucket that keeps
    /// them, where they are locked or these keys may not delete them: so these pauses grow, to a day.
    std::chrono::milliseconds pause() const;
    /// It has failed, and that time has passed.
    bool isDue(qint64 nowMs) const;
    /// Of the findings.
    QStringList steps() const;
};

} // namespace cring::backup
