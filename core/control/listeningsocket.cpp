// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/listeningsocket.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cring::control {

namespace {

/// Connections that wait to be accepted; the event loop takes them within a turn.
constexpr int listenQueue = 32;

Error systemError(const QString &what)
{
    return {Code::ControlSocket, what + QStringLiteral(": ") + QString::fromLocal8Bit(std::strerror(errno))};
}

Error alreadyRunning(const QString &path, qint64 pid)
{
    const QString who = pid > 0 ? QStringLiteral(" (pid %1)").arg(pid) : QString();
    return {Code::ControlAlreadyRunning,
            QStringLiteral(
                "a service is already running%1: it holds %2. Stop it with `cring stop`, or give this one "
                "another control socket")
                .arg(who, path)};
}

Result<sockaddr_un> addressOf(const QString &path)
{
    const QByteArray name = QFile::encodeName(path);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (name.size() >= static_cast<qsizetype>(sizeof(address.sun_path))) {
        return Error{Code::ControlSocket,
                     QStringLiteral("the control socket's path is too long (%1 bytes, at most %2): %3")
                         .arg(name.size())
                         .arg(sizeof(address.sun_path) - 1)
                         .arg(path)};
    }
    std::memcpy(address.sun_path, name.constData(), static_cast<size_t>(name.size()));
    return address;
}

const sockaddr *generic(const sockaddr_un &address)
{
    return reinterpret_cast<const sockaddr *>(&address);
}

/// Whether nobody but its owner can put another socket into its place.
Status judgeDirectory(const QString &directory)
{
    struct stat info = {};
    // Not stat(2): who may plant a link in /tmp chooses where it leads.
    // A path's "/" or "/." at its end would lead through one all the same.
    if (::lstat(QFile::encodeName(QDir::cleanPath(directory)).constData(), &info) != 0)
        return systemError(QStringLiteral("cannot look at %1").arg(directory));
    const auto refused = [&](const QString &what) {
        return Error{Code::ControlSocket, QStringLiteral("%1 %2").arg(directory, what)};
    };
    if (S_ISLNK(info.st_mode))
        return refused(
            QStringLiteral("is a symbolic link, which may lead anywhere. Remove it, or name the folder "
                           "itself in service.control_socket"));
    if (!S_ISDIR(info.st_mode))
        return refused(QStringLiteral("is not a folder"));
    if (info.st_uid != ::geteuid() && info.st_uid != 0)
        return refused(
            QStringLiteral("belongs to somebody else, who could listen in our place. Remove it, or set "
                           "XDG_RUNTIME_DIR"));
    // In a shared folder such as /tmp only the sticky bit keeps others from moving our socket away.
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (info.st_mode & S_ISVTX) == 0)
        return refused(
            QStringLiteral("may be written to by others, who could listen in our place. Take that right "
                           "away: chmod go-w"));
    return {};
}

Status prepareDirectory(const QString &directory)
{
    const QByteArray name = QFile::encodeName(directory);
    // A parent that is missing (a first start without a session) is made like any other directory of the
    // user.
    if (!QDir().mkpath(QFileInfo(directory).path()))
        return systemError(QStringLiteral("cannot create the folder above %1").arg(directory));
    if (::mkdir(name.constData(), 0700) == 0)
        return {};
    if (errno != EEXIST)
        return systemError(QStringLiteral("cannot create %1").arg(directory));
    return judgeDirectory(directory);
}

/// The process that accepts connections there; 0 when none does.
qint64 listenerAt(const sockaddr_un &address)
{
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0)
        return 0;
    qint64 pid = 0;
    if (::connect(probe, generic(address), sizeof(address)) == 0)
        pid = peerCredentials(probe).pid;
    else if (errno == EAGAIN) // Its queue is full: alive, and not taking anybody in.
        pid = -1;
    ::close(probe);
    return pid;
}

} // namespace

PeerCredentials peerCredentials(qintptr socket)
{
    ucred credentials = {};
    socklen_t size = sizeof(credentials);
    if (::getsockopt(static_cast<int>(socket), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return {};
    return {credentials.pid, credentials.uid};
}

bool isPeerAllowed(uint peer, uint owner, bool groupAccess)
{
    return peer == owner || peer == 0 || (groupAccess && peer != static_cast<uint>(-1));
}

Status ListeningSocket::open(const QString &path, bool groupAccess)
{
    Q_ASSERT(m_lock < 0);
    m_path = path;
    Status status = prepareDirectory(QFileInfo(path).path());
    if (status)
        status = lock();
    if (status)
        status = bindAndListen(groupAccess);
    if (!status)
        close();
    return status;
}

Status ListeningSocket::lock()
{
    const QString lockPath = m_path + QStringLiteral(".lock");
    m_lock = ::open(QFile::encodeName(lockPath).constData(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (m_lock < 0)
        return systemError(QStringLiteral("cannot open %1").arg(lockPath));
    if (::flock(m_lock, LOCK_EX | LOCK_NB) != 0) {
        char text[32] = {};
        const ssize_t length = ::pread(m_lock, text, sizeof(text) - 1, 0);
        return alreadyRunning(m_path, length > 0 ? QByteArray(text).trimmed().toLongLong() : 0);
    }
    const QByteArray pid = QByteArray::number(::getpid()) + '\n';
    if (::ftruncate(m_lock, 0) != 0 ||
        ::pwrite(m_lock, pid.constData(), static_cast<size_t>(pid.size()), 0) < 0)
        return systemError(QStringLiteral("cannot write %1").arg(lockPath));
    return {};
}

Status ListeningSocket::bindAndListen(bool groupAccess)
{
    const Result<sockaddr_un> address = addressOf(m_path);
    if (!address)
        return address.error();
    // The lock says that nobody lives here; a service whose lock file was deleted still answers for itself.
    if (const qint64 pid = listenerAt(*address); pid != 0)
        return alreadyRunning(m_path, pid);
    const QByteArray name = QFile::encodeName(m_path);
    // Only a socket is ours to replace; anything else there makes bind() fail, and is left alone.
    struct stat old = {};
    if (::lstat(name.constData(), &old) == 0 && S_ISSOCK(old.st_mode) && ::unlink(name.constData()) != 0)
        return systemError(QStringLiteral("cannot replace the old socket %1").arg(m_path));
    m_socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (m_socket < 0)
        return systemError(QStringLiteral("cannot create a socket"));
    if (::bind(m_socket, generic(*address), sizeof(*address)) != 0)
        return systemError(QStringLiteral("cannot create the control socket %1").arg(m_path));
    m_bound = true;
    struct stat own = {};
    if (::lstat(name.constData(), &own) != 0)
        return systemError(QStringLiteral("cannot look at %1").arg(m_path));
    m_device = own.st_dev;
    m_inode = own.st_ino;
    if (::chmod(name.constData(), groupAccess ? 0660 : 0600) != 0 || ::listen(m_socket, listenQueue) != 0)
        return systemError(QStringLiteral("cannot listen at %1").arg(m_path));
    return {};
}

int ListeningSocket::takeDescriptor()
{
    return std::exchange(m_socket, -1);
}

ListeningSocket::Place ListeningSocket::look() const
{
    struct stat info = {};
    if (::lstat(QFile::encodeName(m_path).constData(), &info) != 0)
        return Place::Nobody;
    return info.st_dev == m_device && info.st_ino == m_inode ? Place::Ours : Place::Others;
}

void ListeningSocket::close()
{
    if (m_socket >= 0)
        ::close(std::exchange(m_socket, -1));
    const bool isOurs = m_bound && look() == Place::Ours;
    m_bound = false;
    m_device = m_inode = 0;
    if (isOurs)
        ::unlink(QFile::encodeName(m_path).constData());
    // The lock file itself stays: unlinking it would let two services lock two files of one name.
    if (m_lock >= 0)
        ::close(std::exchange(m_lock, -1));
}

} // namespace cring::control
