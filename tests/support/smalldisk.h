// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QTemporaryDir>

namespace cring::test {

/// A file system of a few megabytes, to be filled: what a full disk does to a server. Needs root, or sudo
/// without a password, to mount it; made() says so when it has neither. Outlives the server whose data it
/// holds:
///
///     SmallDisk disk(20'000'000);
///     CRING_OK(disk.made());
///     cluster.addServer(…, [&](auto &options) { options.dataDir = disk.path() + QStringLiteral("/data"); });
class SmallDisk
{
public:
    explicit SmallDisk(qint64 bytes);
    ~SmallDisk();
    SmallDisk(const SmallDisk &) = delete;
    SmallDisk &operator=(const SmallDisk &) = delete;

    const Status &made() const { return m_made; }
    QString path() const { return m_folder.path(); }
    /// Leaves no byte free.
    void fill();
    /// Takes back what fill() wrote.
    void release();

private:
    QString ballast() const { return path() + QStringLiteral("/ballast"); }

    QTemporaryDir m_folder;
    Status m_made;
};

} // namespace cring::test
