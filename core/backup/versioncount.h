// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/growth.h"
#include "core/backup/s3walk.h"

namespace cring::backup {

/// What a bucket has of older versions, by account: a listing of all of them.
///
/// One run, on the event loop's thread; the client outlives it. Destroyed before its end: called off.
class VersionCount final : public QObject
{
    Q_OBJECT

public:
    explicit VersionCount(S3Client &client);

    void start();
    /// After finished().
    const OldVersions &found() const { return m_found; }

Q_SIGNALS:
    void finished();
    void failed(const cring::backup::S3Error &error);

private:
    VersionWalk m_walk;
    OldVersions m_found;
};

} // namespace cring::backup
