// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/localnode.h"

#include "core/accounts/localcommand.h"
#include "core/ssh/uniquefd.h"

#include <QFile>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace cring::accounts {

using ssh::UniqueFd;

namespace {

constexpr mode_t kPermissions = 07777;

NodeEntry entryOf(const QString &name, const struct stat &info)
{
    NodeEntry entry;
    entry.name = name;
    entry.kind = S_ISREG(info.st_mode)   ? NodeEntry::Kind::File
                 : S_ISDIR(info.st_mode) ? NodeEntry::Kind::Folder
                                         : NodeEntry::Kind::Other;
    entry.size = info.st_size;
    entry.mode = info.st_mode & kPermissions;
    entry.modified = info.st_mtime;
    return entry;
}

QString lastPart(const QString &path)
{
    return path.mid(path.lastIndexOf(QLatin1Char('/')) + 1);
}

QByteArray above(const QByteArray &path)
{
    const qsizetype slash = path.lastIndexOf('/');
    return slash <= 0 ? QByteArrayLiteral("/") : path.left(slash);
}

struct CloseFolder
{
    void operator()(DIR *folder) const { ::closedir(folder); }
};

/// Takes a name away unless it was kept.
class Removal
{
public:
    explicit Removal(QByteArray path)
        : m_path(std::move(path))
    {
    }
    ~Removal()
    {
        if (!m_path.isEmpty())
            ::unlink(m_path.constData());
    }
    Q_DISABLE_COPY_MOVE(Removal)
    void keep() { m_path.clear(); }

private:
    QByteArray m_path;
};

bool syncFolder(const QByteArray &path)
{
    const UniqueFd folder(::open(path.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder && ::fsync(folder.get()) == 0;
}

} // namespace

LocalNode::LocalNode(config::NodePlace place, const IClock &clock, std::stop_token stop)
    : m_place(std::move(place))
    , m_clock(clock)
    , m_stop(std::move(stop))
{
}

QByteArray LocalNode::native(const QString &path) const
{
    return QFile::encodeName(fullPath(path));
}

Error LocalNode::failure(const char *what, const QString &path, int error) const
{
    const bool full = error == ENOSPC || error == EDQUOT;
    const QString why =
        full ? QStringLiteral("the disk is full") : QString::fromLocal8Bit(std::strerror(error));
    return Error{full ? Code::NodeFull : Code::NodeFile,
                 QStringLiteral("%1 cannot be %2: %3").arg(shown(path), QLatin1String(what), why)};
}

Status LocalNode::begin(const QString &path) const
{
    if (m_stop.stop_requested())
        return Error{Code::JobEnded, QStringLiteral("called off")};
    return checkPath(path);
}

Result<std::optional<NodeEntry>> LocalNode::stat(const QString &path)
{
    if (const Status status = begin(path); !status)
        return status.error();
    struct stat info
    {
    };
    if (::stat(native(path).constData(), &info) == 0)
        return std::optional(entryOf(lastPart(path), info));
    if (errno == ENOENT || errno == ENOTDIR)
        return std::optional<NodeEntry>();
    return failure("looked at", path, errno);
}

Result<QList<NodeEntry>> LocalNode::list(const QString &path)
{
    if (const Status status = begin(path); !status)
        return status.error();
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir(native(path).constData()));
    if (!folder)
        return failure("listed", path, errno);
    QList<NodeEntry> entries;
    errno = 0;
    while (const dirent *found = ::readdir(folder.get())) {
        struct stat info
        {
        };
        const QByteArray name(found->d_name);
        // What has gone in between is not there.
        if (name != "." && name != ".." &&
            ::fstatat(::dirfd(folder.get()), found->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0)
            entries.append(entryOf(QFile::decodeName(name), info));
        errno = 0;
    }
    if (errno != 0)
        return failure("listed", path, errno);
    std::ranges::sort(entries, {}, &NodeEntry::name);
    return entries;
}

Status LocalNode::inherit(int fd, const QByteArray &folder) const
{
    struct stat info
    {
    };
    if (::geteuid() != 0)
        return {};
    if (::stat(folder.constData(), &info) == 0 && ::fchown(fd, info.st_uid, info.st_gid) == 0)
        return {};
    return Error{Code::NodeFile,
                 QStringLiteral("what was made in %1 cannot be given to its owner: %2")
                     .arg(QFile::decodeName(folder), QString::fromLocal8Bit(std::strerror(errno)))};
}

Status LocalNode::makeFolder(const QString &path, quint32 mode)
{
    if (const Status status = begin(path); !status)
        return status;
    const QByteArray name = native(path);
    if (::mkdir(name.constData(), S_IRWXU) != 0)
        return failure("made", path, errno);
    const UniqueFd folder(::open(name.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!folder || ::fchmod(folder.get(), mode & kPermissions) != 0)
        return failure("made", path, errno);
    if (const Status status = inherit(folder.get(), above(name)); !status)
        return status;
    syncFolder(above(name));
    return {};
}

Status LocalNode::read(const QString &path, qint64 most, const Sink &sink)
{
    if (const Status status = begin(path); !status)
        return status;
    // A pipe must not hold us up.
    const UniqueFd file(::open(native(path).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat info
    {
    };
    if (!file || ::fstat(file.get(), &info) != 0)
        return failure("read", path, errno);
    if (!S_ISREG(info.st_mode))
        return failure("read", path, S_ISDIR(info.st_mode) ? EISDIR : EINVAL);
    std::array<char, 64 * 1024> piece{};
    qint64 total = 0;
    for (;;) {
        if (const Status status = begin(path); !status)
            return status;
        const ssize_t got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failure("read", path, errno);
        if (got == 0)
            return {};
        total += got;
        if (total > most)
            return failure("read", path, EFBIG);
        if (const Status status = sink(QByteArrayView(piece.data(), got)); !status)
            return status;
    }
}

Status LocalNode::fill(int fd, const QString &path, const Source &source, quint32 mode) const
{
    if (::fchmod(fd, mode & kPermissions) != 0)
        return failure("written", path, errno);
    for (;;) {
        if (const Status status = begin(path); !status)
            return status;
        const Result<QByteArray> piece = source();
        if (!piece)
            return piece.error();
        if (piece->isEmpty())
            break;
        for (qsizetype done = 0; done < piece->size();) {
            const ssize_t put =
                ::write(fd, piece->constData() + done, static_cast<size_t>(piece->size() - done));
            if (put < 0 && errno != EINTR)
                return failure("written", path, errno);
            done += std::max<ssize_t>(put, 0);
        }
    }
    return ::fsync(fd) == 0 ? Status() : failure("written", path, errno);
}

Status LocalNode::write(const QString &path, const Source &source, quint32 mode)
{
    if (const Status status = begin(path); !status)
        return status;
    const QByteArray name = native(path);
    const QByteArray part = native(partName(path));
    ::unlink(part.constData());
    UniqueFd file(
        ::open(part.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    if (!file)
        return failure("written", path, errno);
    Removal removal(part);
    if (const Status status = inherit(file.get(), above(name)); !status)
        return status;
    if (const Status status = fill(file.get(), path, source, mode); !status)
        return status;
    file.reset();
    if (::rename(part.constData(), name.constData()) != 0)
        return failure("written", path, errno);
    removal.keep();
    return syncFolder(above(name)) ? Status() : failure("written", path, errno);
}

Status LocalNode::remove(const QString &path)
{
    if (const Status status = begin(path); !status)
        return status;
    const QByteArray name = native(path);
    if (::unlink(name.constData()) == 0 || errno == ENOENT || errno == ENOTDIR)
        return {};
    // unlink(2) of a folder is EISDIR here, EPERM by POSIX.
    if ((errno == EISDIR || errno == EPERM) && (::rmdir(name.constData()) == 0 || errno == ENOENT))
        return {};
    return failure("removed", path, errno);
}

Result<std::optional<qint64>> LocalNode::freeBytes()
{
    if (const Status status = begin(QString()); !status)
        return status.error();
    struct statvfs info
    {
    };
    const QByteArray root = native(QString());
    if (::statvfs(root.constData(), &info) != 0 && ::statvfs(above(root).constData(), &info) != 0)
        return failure("looked at", QString(), errno);
    return std::optional<qint64>(static_cast<qint64>(info.f_bavail) * static_cast<qint64>(info.f_frsize));
}

Result<NodeOutcome> LocalNode::run(const NodeCommand &command)
{
    if (const Status status = begin(QString()); !status)
        return status.error();
    return runLocally(command, m_clock, m_stop);
}

} // namespace cring::accounts
