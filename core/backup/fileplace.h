// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArrayList>

#include <ctime>

namespace cring::backup {

/// A file descriptor that closes itself.
class Descriptor
{
public:
    explicit Descriptor(int fd = -1)
        : m_fd(fd)
    {
    }
    ~Descriptor();
    Q_DISABLE_COPY(Descriptor)
    Descriptor(Descriptor &&other) noexcept
        : m_fd(std::exchange(other.m_fd, -1))
    {
    }
    Descriptor &operator=(Descriptor &&other) noexcept
    {
        std::swap(m_fd, other.m_fd);
        return *this;
    }

    int get() const { return m_fd; }
    bool isOpen() const { return m_fd >= 0; }

private:
    int m_fd;
};

/// One file or folder that gets a place in a folder of this machine. Its bytes go to a file of another name
/// first, and get their name when they are on the disk; what was begun goes with this object, or is taken
/// over by the next try after a kill; while it is written, no other run can write the same. No symbolic link
/// below the folder is ever followed. Blocks for the disk: a worker's, one at a time. RestoreFailed says at
/// which step, and what the system says.
class FilePlace
{
public:
    /// `folder` is absolute; `names` are the parts of the path in it, none of which is "", "." or "..".
    FilePlace(QByteArray folder, QByteArrayList names);
    ~FilePlace();
    Q_DISABLE_COPY_MOVE(FilePlace)

    /// As makeFolder(), but one that is there keeps its mode. True: it was not there.
    Result<bool> openFolder();
    /// The folder itself, with those above it. The owner may do all in it, whatever `mode` says.
    Status makeFolder(quint32 mode);
    /// After makeFolder(), when nothing more is put into it.
    Status setFolderTime(const timespec &time);

    Status open();
    Status write(QByteArrayView piece) const;
    enum class Naming { Replaces, IsNew }; ///< IsNew: an error where something has the name by then.
    Status finish(quint32 mode, Naming naming = Naming::Replaces);
    /// Before finish().
    Status setTime(const timespec &time) const;
    /// What was written is, byte for byte, what is there under the name.
    bool isAsWritten() const;
    /// The name is one that bytes have before they get theirs: a run that was killed has left it.
    static bool isPart(const QByteArray &name);
    /// There was no room for what was written.
    bool isDiskFull() const { return m_isDiskFull; }

    /// Of the file that is there under its name.
    Status setMode(quint32 mode) const;
    /// SHA-256 of what is there under its name, when it is a file of that size; else nothing.
    QByteArray digestThere(qint64 size);

    enum class There { Nothing, File, Folder, Other };

    /// What has its name, without making or following anything.
    struct Sight
    {
        There what = There::Nothing;
        qint64 size = 0;
        timespec time = {};
        quint64 device = 0;
        quint64 inode = 0;
    };
    Sight look() const;

private:
    Status enter(qsizetype depth);
    bool rename(Naming naming) const;
    Status refused(const char *what) const;

    const QByteArray m_folder;
    const QByteArrayList m_names;
    Descriptor m_parent;
    Descriptor m_file;
    QByteArray m_part;   ///< Its name until it is complete.
    bool m_made = false; ///< The last folder was not there before.
    mutable bool m_isDiskFull = false;
};

} // namespace cring::backup
