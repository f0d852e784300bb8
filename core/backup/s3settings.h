// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3error.h"
#include "core/backup/s3types.h"

namespace cring::backup {

/// What a bucket is set to, from an S3 server's XML and to it. Pure functions; what makes no sense is
/// Kind::Protocol, the rest of the error is filled in by the caller.

S3Result<Versioning> readVersioning(const QByteArray &document);
S3Result<QList<LifecycleRule>> readLifecycle(const QByteArray &document);
S3Result<ObjectLock> readObjectLock(const QByteArray &document);

QByteArray writeVersioning(bool enabled);
/// Of new versions, by default.
QByteArray writeObjectLock(const ObjectLock &lock);

/// The id of the rule that this program has in a bucket.
inline constexpr const char *kOwnRule = "charmedring-old-versions";
/// The rules of `document` (empty: none), as they are, and our own in the place of an earlier one of ours: it
/// takes versions away that have been old for so many days, and what is left of uploads that were given up.
S3Result<QByteArray> withOwnRule(const QByteArray &document, int days);

} // namespace cring::backup
