// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/random.h"
#include "core/base/result.h"

#include <QProcessEnvironment>
#include <QTemporaryDir>

namespace cring::test {

/// What a power cut leaves of a directory. A program that runs with environment() keeps, beside the
/// directory, what it has brought to the disk by fsync(2) or fdatasync(2): the bytes of a file when the file
/// was synced, the names in a directory when the directory was: what POSIX promises, and no more. Kill the
/// program, then cut(): the directory becomes that, and the program meets another start of the machine.
///
///     PowerCut power(directory);
///     CRING_OK(power.prepare());
///     process.setProcessEnvironment(power.environment());
///     …
///     process.kill9();
///     CRING_OK(power.cut(PowerCut::Keep::Nothing));
///
/// For programs that link the C library dynamically. O_SYNC, sync(2) and a directory that is made anew under
/// the number of one that was removed are not seen.
class PowerCut
{
public:
    /// What becomes of writes that were not synced.
    enum class Keep {
        Nothing, ///< All of them are lost.
        Some,    ///< Sectors of them have reached the disk, in any order; names may be the newer ones.
    };

    /// The directory must exist, and its parent be on the same file system and writable.
    explicit PowerCut(const QString &directory, quint64 seed = 1);

    /// What lies in the directory now counts as being on the disk. Before the program starts; no other may
    /// write there.
    Status prepare();
    QProcessEnvironment environment() const;
    /// After the program has died, and before anybody else looks.
    Status cut(Keep keep);

    /// What was synced since prepare() or cut(): paths below the directory, "." for itself, in order.
    QStringList syncs() const;

private:
    struct Entry
    {
        bool folder = false;
        QString inode;
        QString name;
    };

    QString shadow(const QString &name) const { return m_shadow.filePath(name); }
    QString treeFile(const QString &folder) const;
    Status rememberFolder(const QString &folder);
    QList<Entry> entriesNow(const QString &folder) const;
    QList<Entry> entriesSynced(const QString &folder, const QString &inode) const;
    Status rebuild(const QString &folder, const QString &inode, const QString &target, Keep keep);
    QByteArray content(const Entry &entry, const QString &name, Keep keep);
    bool coin() { return m_random.below(2) == 1; }

    const QString m_directory;
    QTemporaryDir m_shadow;
    SeededRandom m_random;
    int m_boot = 0;
};

} // namespace cring::test
