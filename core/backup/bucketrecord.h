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
    QStringList findings; ///< "versioning: off: …": dangers, and what has failed.

    static BucketRecord of(const BucketCheck &check, const config::Backup &config, qint64 nowMs);
    /// Nothing when there is none, or it is of another place.
    static std::optional<BucketRecord> parse(const QByteArray &bytes, const config::Backup &config);
    QByteArray toBytes() const;
    /// Of the findings.
    QStringList steps() const;
};

} // namespace cring::backup
