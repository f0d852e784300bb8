// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3error.h"
#include "core/backup/s3types.h"
#include "core/backup/sigv4.h"

namespace cring::backup {

/// From an S3 server's XML, and to it. Pure functions; what makes no sense is Kind::Protocol, the rest of the
/// error is filled in by the caller. What a bucket is set to is in s3settings.h.

/// Also refused: a page that is not in order, holds what was not asked for, or says that there is more and
/// not where.
S3Result<ObjectPage> readObjectPage(const QByteArray &document, const QByteArray &prefix);
S3Result<VersionPage> readVersionPage(const QByteArray &document, const QByteArray &prefix);
S3Result<UploadPage> readUploadPage(const QByteArray &document);
S3Result<PartPage> readPartPage(const QByteArray &document);
S3Result<QByteArray> readUploadId(const QByteArray &document);
S3Result<Stored> readCompleted(const http::Response &answer);
S3Result<QList<DeleteFailure>> readDeleteResult(const QByteArray &document);
S3Result<QByteArray> readLocation(const QByteArray &document);

QByteArray writeParts(const QList<Part> &parts);
QByteArray writeDelete(const QList<ObjectId> &objects);

} // namespace cring::backup
