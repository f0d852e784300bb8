// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/directorylock.h"

#include "core/state/bootid.h"

#include <QDir>
#include <QFile>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace cring::state {

namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kFileMode = 0600;
constexpr qsizetype kLongestMark = 256;

// What the file says, followed by the name of the machine's start.
const QByteArray kRunning = "running";
const QByteArray kClosed = "closed";
const QByteArray kSuspect = "suspect";

Error unusable(const QString &directory, int error)
{
    return Error{Code::StateDirectory,
                 QStringLiteral("the state directory %1 cannot be used: %2. Give it to this user, or set "
                                "XDG_STATE_HOME to a folder that can be written to")
                     .arg(directory, qt_error_string(error))};
}

/// A new name in a directory is on the disk when the directory is.
void syncDirectory(const QString &directory)
{
    const int folder = ::open(QFile::encodeName(directory).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return;
    ::fsync(folder);
    ::close(folder);
}

Status makeDirectory(const QString &directory)
{
    if (QDir(directory).exists())
        return {};
    const QString parent = QFileInfo(directory).absolutePath();
    if (!QDir().mkpath(parent) || ::mkdir(QFile::encodeName(directory).constData(), kDirectoryMode) != 0)
        return unusable(directory, errno);
    syncDirectory(parent);
    return {};
}

} // namespace

Result<std::unique_ptr<DirectoryLock>> DirectoryLock::take(const QString &directory)
{
    if (Status made = makeDirectory(directory); !made.ok())
        return made.error();
    const QString path = directory + QStringLiteral("/lock");
    const bool isNew = !QFile::exists(path);
    const int file =
        ::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode);
    if (file < 0)
        return unusable(directory, errno);
    std::unique_ptr<DirectoryLock> lock(new DirectoryLock(file, path));
    if (::flock(file, LOCK_EX | LOCK_NB) != 0)
        return Error{
            Code::StateLocked,
            QStringLiteral("another service works in %1. Stop it, or give this one a state directory "
                           "of its own with XDG_STATE_HOME")
                .arg(directory)};
    lock->readMark(isNew && !QFile::exists(directory + QStringLiteral("/state.db")));
    return lock;
}

DirectoryLock::DirectoryLock(int file, const QString &path)
    : m_file(file)
    , m_path(path)
{
}

DirectoryLock::~DirectoryLock()
{
    ::close(m_file);
}

QString DirectoryLock::databasePath() const
{
    return QFileInfo(m_path).path() + QStringLiteral("/state.db");
}

DirectoryLock::File DirectoryLock::fileAt(const QString &path)
{
    struct stat found = {};
    if (::stat(QFile::encodeName(path).constData(), &found) != 0)
        return {};
    return {found.st_dev, found.st_ino};
}

bool DirectoryLock::isInPlace() const
{
    struct stat own = {};
    return ::fstat(m_file, &own) == 0 && fileAt(m_path) == File{own.st_dev, own.st_ino} &&
           fileAt(databasePath()) == m_database;
}

Error DirectoryLock::lost() const
{
    return {Code::StateDirectory,
            QStringLiteral("the state directory %1, or the database in it, was deleted or replaced while the "
                           "service runs. Put it back, or restart the service: it rebuilds from the servers "
                           "what it knew, except deletes that a server has missed")
                .arg(QFileInfo(m_path).path())};
}

Status DirectoryLock::markRunning()
{
    m_suspect = false;
    m_database = fileAt(databasePath());
    Status written = writeMark(kRunning + ' ' + bootId());
    if (written.ok())
        syncDirectory(QFileInfo(m_path).path());
    return written;
}

void DirectoryLock::markClosed()
{
    if (!m_suspect)
        (void)writeMark(kClosed);
}

void DirectoryLock::markSuspect()
{
    if (!m_suspect)
        (void)writeMark(kSuspect + ' ' + bootId());
    m_suspect = true;
}

void DirectoryLock::readMark(bool made)
{
    const QByteArray boot = bootId();
    QByteArray mark(kLongestMark, '\0');
    mark.truncate(std::max<ssize_t>(0, ::pread(m_file, mark.data(), static_cast<size_t>(mark.size()), 0)));
    const QList<QByteArray> words = mark.trimmed().split(' ');
    m_before.closed = made || words.first() == kClosed;
    m_before.suspect = words.first() == kSuspect;
    // A mark that cannot be understood was not written by a service that closed.
    m_before.powerCut = !m_before.closed && (boot.isEmpty() || words.last() != boot);
}

Status DirectoryLock::writeMark(const QByteArray &mark)
{
    const QByteArray line = mark + '\n';
    const bool written =
        ::pwrite(m_file, line.constData(), static_cast<size_t>(line.size()), 0) == line.size() &&
        ::ftruncate(m_file, line.size()) == 0 && ::fsync(m_file) == 0;
    if (!written)
        return Error{Code::StateFile,
                     QStringLiteral("cannot write %1: %2").arg(m_path, qt_error_string(errno))};
    return {};
}

} // namespace cring::state
