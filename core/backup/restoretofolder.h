// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/restoretask.h"

namespace cring::backup {

/// Brings files into a folder of this machine, laid out as a Charm server's `files/`:
/// <folder>/<charm id>/<path>. Bytes go to a file of another name first, are compared with their SHA-256, and
/// get their name when they are on the disk. Nothing is ever written through a symbolic link.
class RestoreToFolder final : public IRestoreDestination
{
public:
    /// The client outlives it. `folder` is absolute.
    RestoreToFolder(S3Client &client, const QString &folder);

    std::unique_ptr<RestoreTask> task(const RestoreItem &item, quint64 since) override;

private:
    S3Client &m_client;
    const QString m_folder;
};

} // namespace cring::backup
