// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3error.h"
#include "core/backup/s3types.h"

namespace cring::backup {

/// What a look at a bucket has come to, in one respect.
struct BucketFinding
{
    enum class Level {
        Well,
        Hint,    ///< Worth knowing; nothing is wrong.
        Unknown, ///< The server does not tell.
        Danger,  ///< It works, and files can be lost.
        Failed,  ///< It does not work.
    };

    /// "keys" | "reachable" | "bucket" | "list" | "write" | "read" | "delete" | "versioning" | "lifecycle" |
    /// "lock"
    QString step;
    Level level = Level::Well;
    QString text;  ///< For people: what was found and, where something is to be done, what.
    qint64 ms = 0; ///< How long it took.
    /// It says why a person's wish was not granted, and nothing of how the bucket is.
    bool refusal = false;

    bool isGood() const { return level != Level::Danger && level != Level::Failed; }
};

/// "well", "hint", …: as the control API writes it.
QString levelName(BucketFinding::Level level);

/// What an answer of the server means for a backup. Pure functions; steps "versioning", "lifecycle", "lock".
/// `versioned`: the bucket keeps versions.
BucketFinding judgeVersioning(const S3Result<Versioning> &answer);
BucketFinding judgeLifecycle(const S3Result<QList<LifecycleRule>> &answer, bool versioned);
BucketFinding judgeLock(const S3Result<ObjectLock> &answer);

/// What deletes can be trusted with: a server that does not tell, or keys that may not ask, count as a bucket
/// without versions. Nothing: ask again.
std::optional<Versioning> knownVersioning(const S3Result<Versioning> &answer);

} // namespace cring::backup
