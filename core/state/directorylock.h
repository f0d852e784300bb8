// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <memory>

namespace cring::state {

/// Keeps a second service out of a state directory, and remembers how the last one ended. The file `lock` in
/// it is locked as long as this lives: the kernel lets go of it however the process ends (flock(2)). What
/// stands in the file says whether the service runs on this start of the machine, was closed, or has met
/// damage.
class DirectoryLock
{
public:
    /// How the service that was here before ended.
    struct Before
    {
        bool closed = false;   ///< It closed the database; also when there was none.
        bool powerCut = false; ///< The machine stopped while it ran, or that cannot be told.
        bool suspect = false;  ///< It met damage in the database.
    };

    /// Makes the directory (0700) and the file (0600). StateDirectory when that cannot be, StateLocked when
    /// another process has it.
    static Result<std::unique_ptr<DirectoryLock>> take(const QString &directory);
    ~DirectoryLock();
    DirectoryLock(const DirectoryLock &) = delete;
    DirectoryLock &operator=(const DirectoryLock &) = delete;

    const Before &before() const { return m_before; }

    /// False when somebody has deleted or moved the directory, or put another one in its place: what is
    /// written to the open files is lost then, without an error. Any thread, after markRunning().
    bool isInPlace() const;
    /// For a person, while isInPlace() is false.
    Error lost() const;

    /// Each is on the disk when it returns. One thread at a time. What stood there before stays until the
    /// first of them: a start that comes to nothing leaves no trace.
    Status markRunning();
    /// Not after markSuspect(), which stands until the next markRunning().
    void markClosed();
    void markSuspect();

private:
    DirectoryLock(int file, const QString &path);

    void readMark(bool made);
    Status writeMark(const QByteArray &mark);

    /// What a name in the directory leads to.
    struct File
    {
        quint64 device = 0;
        quint64 inode = 0;
        bool operator==(const File &) const = default;
    };

    QString databasePath() const;
    static File fileAt(const QString &path);

    const int m_file;
    const QString m_path;
    File m_database; ///< As it was when the service began to run.
    Before m_before;
    bool m_suspect = false;
};

} // namespace cring::state
