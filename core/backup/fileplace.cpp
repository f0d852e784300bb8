// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/fileplace.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cring::backup {

namespace {

constexpr qint64 kPiece = 256 * 1024;
constexpr mode_t kOwnerAll = 0700;
const QByteArray kPartPrefix = QByteArrayLiteral(".cring-");
constexpr qsizetype kPartName = 32; ///< Letters; enough that no two files share one.

/// The next bytes, as many as there are up to a piece; nothing on an error.
std::optional<QByteArrayView> readPiece(int fd, QByteArray &piece)
{
    qsizetype size = 0;
    while (size < piece.size()) {
        const ssize_t count = ::read(fd, piece.data() + size, static_cast<size_t>(piece.size() - size));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return std::nullopt;
        if (count == 0)
            break;
        size += count;
    }
    return QByteArrayView(piece).first(size);
}

} // namespace

Descriptor::~Descriptor()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

FilePlace::FilePlace(QByteArray folder, QByteArrayList names)
    : m_folder(std::move(folder))
    , m_names(std::move(names))
{
}

FilePlace::~FilePlace()
{
    if (m_file.isOpen())
        ::unlinkat(m_parent.get(), m_part.constData(), 0);
}

Status FilePlace::refused(const char *what) const
{
    m_isDiskFull = errno == ENOSPC || errno == EDQUOT;
    return Error{Code::RestoreFailed,
                 QStringLiteral("%1: %2").arg(QLatin1String(what), QString::fromLocal8Bit(strerror(errno)))};
}

/// Step by step, so that no link leads elsewhere.
Status FilePlace::enter(qsizetype depth)
{
    const auto make = [this] {
        return ::mkdir(m_folder.constData(), kOwnerAll) == 0 || errno == EEXIST;
    };
    const QString above = QFileInfo(QFile::decodeName(m_folder)).path();
    if (!make() && (errno != ENOENT || !QDir().mkpath(above) || !make()))
        return refused("the folder cannot be made");
    Descriptor at(::open(m_folder.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!at.isOpen())
        return refused("the folder cannot be opened");
    for (qsizetype i = 0; i < depth; ++i) {
        const char *name = m_names[i].constData();
        m_made = ::mkdirat(at.get(), name, 0755) == 0;
        if (!m_made && errno != EEXIST)
            return refused("a folder cannot be made");
        Descriptor next(::openat(at.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!next.isOpen())
            return refused("a folder cannot be opened (something else has its name)");
        at = std::move(next);
    }
    m_parent = std::move(at);
    return {};
}

Result<bool> FilePlace::openFolder()
{
    if (const Status entered = enter(m_names.size()); !entered)
        return entered.error();
    return m_made;
}

Status FilePlace::makeFolder(quint32 mode)
{
    if (const Status entered = enter(m_names.size()); !entered)
        return entered;
    if (::fchmod(m_parent.get(), (mode & 0777) | kOwnerAll) != 0)
        return refused("a folder's mode cannot be set");
    return {};
}

Status FilePlace::setFolderTime(const timespec &time)
{
    const timespec times[] = {{0, UTIME_OMIT}, time};
    if (::futimens(m_parent.get(), times) != 0)
        return refused("a folder's time cannot be set");
    return {};
}

Status FilePlace::open()
{
    if (const Status entered = enter(m_names.size() - 1); !entered)
        return entered;
    // The same after a restart, which takes what an earlier one has left, and no other file's.
    m_part = kPartPrefix +
             QCryptographicHash::hash(m_names.last(), QCryptographicHash::Sha256).toHex().left(kPartName);
    Descriptor part(::openat(m_parent.get(), m_part.constData(),
                             O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    if (!part.isOpen())
        return refused("a file cannot be made");
    // Until it is closed: whoever takes the name away, or gives it another, has this lock.
    if (::flock(part.get(), LOCK_EX | LOCK_NB) != 0)
        return refused("another run writes this file now");
    struct stat opened = {};
    struct stat named = {};
    if (::fstat(part.get(), &opened) != 0 ||
        ::fstatat(m_parent.get(), m_part.constData(), &named, AT_SYMLINK_NOFOLLOW) != 0 ||
        opened.st_ino != named.st_ino || opened.st_dev != named.st_dev || !S_ISREG(opened.st_mode)) {
        errno = EBUSY;
        return refused("another run writes this file now");
    }
    m_file = std::move(part);
    if (::ftruncate(m_file.get(), 0) != 0 || ::fchmod(m_file.get(), 0600) != 0)
        return refused("a file cannot be made");
    return {};
}

bool FilePlace::isPart(const QByteArray &name)
{
    return name.startsWith(kPartPrefix) && name.size() == kPartPrefix.size() + kPartName;
}

Status FilePlace::write(QByteArrayView piece) const
{
    qsizetype at = 0;
    while (at < piece.size()) {
        const ssize_t count =
            ::write(m_file.get(), piece.data() + at, static_cast<size_t>(piece.size() - at));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return refused("a file cannot be written");
        at += count;
    }
    return {};
}

bool FilePlace::rename(Naming naming) const
{
    const int folder = m_parent.get();
    const char *part = m_part.constData();
    const char *name = m_names.last().constData();
    if (naming == Naming::Replaces)
        return ::renameat(folder, part, folder, name) == 0;
    if (::renameat2(folder, part, folder, name, RENAME_NOREPLACE) == 0)
        return true;
    // Not every file system can do that at once.
    return errno == EINVAL && ::linkat(folder, part, folder, name, 0) == 0 &&
           ::unlinkat(folder, part, 0) == 0;
}

Status FilePlace::finish(quint32 mode, Naming naming)
{
    if (::fsync(m_file.get()) != 0 || ::fchmod(m_file.get(), mode & 0777) != 0)
        return refused("a file cannot be written");
    if (!rename(naming))
        return refused("a file cannot get its name");
    m_file = Descriptor();
    return {};
}

Status FilePlace::setTime(const timespec &time) const
{
    const timespec times[] = {{0, UTIME_OMIT}, time};
    if (::futimens(m_file.get(), times) != 0)
        return refused("a file's time cannot be set");
    return {};
}

bool FilePlace::isAsWritten() const
{
    const Descriptor there(
        ::openat(m_parent.get(), m_names.last().constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!there.isOpen() || ::lseek(m_file.get(), 0, SEEK_SET) != 0)
        return false;
    QByteArray written(kPiece, Qt::Uninitialized);
    QByteArray found(kPiece, Qt::Uninitialized);
    for (;;) {
        const auto a = readPiece(m_file.get(), written);
        const auto b = readPiece(there.get(), found);
        if (!a || !b || *a != *b)
            return false;
        if (a->isEmpty())
            return true;
    }
}

Status FilePlace::setMode(quint32 mode) const
{
    const Descriptor there(
        ::openat(m_parent.get(), m_names.last().constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!there.isOpen() || ::fchmod(there.get(), mode & 0777) != 0)
        return refused("a file's mode cannot be set");
    return {};
}

QByteArray FilePlace::digestThere(qint64 size)
{
    if (!enter(m_names.size() - 1))
        return {};
    const Descriptor there(
        ::openat(m_parent.get(), m_names.last().constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info = {};
    if (!there.isOpen() || ::fstat(there.get(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_size != size)
        return {};
    QCryptographicHash hash(QCryptographicHash::Sha256);
    QByteArray buffer(kPiece, Qt::Uninitialized);
    for (;;) {
        const auto piece = readPiece(there.get(), buffer);
        if (!piece)
            return {};
        if (piece->isEmpty())
            return hash.result();
        hash.addData(*piece);
    }
}

FilePlace::Sight FilePlace::look() const
{
    Descriptor at(::open(m_folder.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (qsizetype i = 0; at.isOpen() && i + 1 < m_names.size(); ++i)
        at = Descriptor(
            ::openat(at.get(), m_names[i].constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info = {};
    if (!at.isOpen() || ::fstatat(at.get(), m_names.last().constData(), &info, AT_SYMLINK_NOFOLLOW) != 0)
        return {errno == ENOENT ? There::Nothing : There::Other, 0, {}, 0, 0};
    const There what = S_ISREG(info.st_mode)   ? There::File
                       : S_ISDIR(info.st_mode) ? There::Folder
                                               : There::Other;
    return {what, info.st_size, info.st_mtim, info.st_dev, info.st_ino};
}

} // namespace cring::backup
