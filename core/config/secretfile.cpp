// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/secretfile.h"

#include <QFile>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cring::config {

namespace {

constexpr QLatin1String kFile("file:");
constexpr QLatin1String kCredential("credential:");
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
/// systemd gives a service without root its credentials by an access control list, whose mask shows as the
/// group's right to read.
constexpr mode_t kOthersThanACredentials = kOthers & ~static_cast<mode_t>(S_IRGRP);

Error failed(Code code, const QString &path, const QString &why)
{
    return Error{code, QStringLiteral("\"%1\" %2").arg(path, why)};
}

Error unreadable(const QString &path, int error)
{
    if (error == ENOENT || error == ENOTDIR)
        return failed(Code::SecretMissing, path, QStringLiteral("is not there"));
    return failed(Code::SecretUnreadable, path,
                  QStringLiteral("cannot be read: %1").arg(QString::fromLocal8Bit(std::strerror(error))));
}

class Descriptor
{
public:
    /// Without waiting for the other end of a pipe.
    explicit Descriptor(const QString &path)
        : m_fd(::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))
    {
    }
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Q_DISABLE_COPY_MOVE(Descriptor)

    int get() const { return m_fd; }

private:
    int m_fd;
};

Status judge(const struct stat &info, const QString &path, mode_t forbidden)
{
    if (!S_ISREG(info.st_mode))
        return failed(Code::SecretUnreadable, path, QStringLiteral("is not a file"));
    if ((info.st_mode & forbidden) != 0)
        return failed(
            Code::SecretTooOpen, path,
            QStringLiteral("is open to others than its owner (mode %1), so the key in it is not used: "
                           "chmod 600 it")
                .arg(info.st_mode & 07777U, 4, 8, QLatin1Char('0')));
    if (info.st_size > kLongestSecret)
        return failed(Code::SecretUnreadable, path,
                      QStringLiteral("has %1 bytes: that is no key").arg(info.st_size));
    return {};
}

/// Looks at what was opened, not at what the name may lead to by now.
Result<Secret> read(const QString &path, mode_t forbidden)
{
    const Descriptor file(path);
    struct stat info
    {
    };
    if (file.get() < 0 || ::fstat(file.get(), &info) != 0)
        return unreadable(path, errno);
    if (const Status status = judge(info, path, forbidden); !status)
        return status.error();
    Secret secret(kLongestSecret + 1);
    qsizetype size = 0;
    while (size < secret.size()) {
        const ssize_t got =
            ::read(file.get(), secret.data() + size, static_cast<size_t>(secret.size() - size));
        if (got < 0 && errno != EINTR)
            return unreadable(path, errno);
        if (got == 0)
            break;
        size += std::max<ssize_t>(got, 0);
    }
    if (size == 0)
        return failed(Code::SecretUnreadable, path, QStringLiteral("is empty"));
    if (size > kLongestSecret)
        return failed(Code::SecretUnreadable, path, QStringLiteral("grows while it is read"));
    secret.truncate(size);
    return secret;
}

Error unwritable(const QString &path, int error)
{
    return failed(Code::SecretUnreadable, path,
                  QStringLiteral("cannot be written: %1").arg(QString::fromLocal8Bit(std::strerror(error))));
}

/// Makes the folders above a path, each for the owner alone.
bool makeFolders(const QByteArray &path)
{
    for (qsizetype at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) {
        if (::mkdir(path.left(at).constData(), S_IRWXU) != 0 && errno != EEXIST)
            return false;
    }
    return true;
}

bool writeAll(int fd, QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        const ssize_t wrote = ::write(fd, bytes.data(), static_cast<size_t>(bytes.size()));
        if (wrote < 0 && errno != EINTR)
            return false;
        bytes = bytes.sliced(std::max<ssize_t>(wrote, 0));
    }
    return ::fsync(fd) == 0;
}

/// A new file beside the one that is meant, which takes its name at the end or is gone.
class NewFile
{
public:
    explicit NewFile(const QByteArray &target)
        : m_target(target)
        , m_name(target + ".new-XXXXXX")
        , m_fd(::mkostemp(m_name.data(), O_CLOEXEC)) // With mode 0600.
    {
    }
    ~NewFile()
    {
        if (m_fd < 0)
            return;
        ::close(m_fd);
        ::unlink(m_name.constData());
    }
    Q_DISABLE_COPY_MOVE(NewFile)

    int fd() const { return m_fd; }
    /// errno says why not.
    bool take(Existing existing) const
    {
        // link() never replaces, whatever somebody else does at the same time.
        return existing == Existing::Replaced ? ::rename(m_name.constData(), m_target.constData()) == 0
                                              : ::link(m_name.constData(), m_target.constData()) == 0;
    }

private:
    const QByteArray m_target;
    QByteArray m_name;
    int m_fd;
};

bool syncFolderOf(const QByteArray &path)
{
    const Descriptor folder(QFile::decodeName(path.left(std::max<qsizetype>(path.lastIndexOf('/'), 1))));
    return folder.get() >= 0 && ::fsync(folder.get()) == 0;
}

} // namespace

Result<Secret> readSecretFile(const QString &path)
{
    return read(path, kOthers);
}

Result<Secret> readSecret(const QString &place, const QString &credentials)
{
    const QString path = secretPath(place, credentials);
    if (place.startsWith(kCredential)) {
        if (path.isEmpty())
            return Error{
                Code::SecretMissing,
                QStringLiteral("\"%1\" names a credential, and the service was given none: "
                               "$CREDENTIALS_DIRECTORY is not set. LoadCredential= in its unit passes one")
                    .arg(place)};
        return read(path, kOthersThanACredentials);
    }
    if (path.isEmpty())
        return Error{Code::ConfigBadValue,
                     QStringLiteral("expected file:PATH or credential:NAME: where the key is kept")};
    return readSecretFile(path);
}

Status writeSecretFile(const QString &path, QByteArrayView secret, Existing existing)
{
    if (!path.startsWith(QLatin1Char('/')))
        return Error{Code::ConfigBadValue, QStringLiteral("expected file:PATH with an absolute path")};
    if (secret.isEmpty() || secret.size() > kLongestSecret)
        return failed(Code::SecretUnreadable, path,
                      QStringLiteral("is not written: the secret has %1 bytes").arg(secret.size()));
    const QByteArray name = QFile::encodeName(path);
    if (!makeFolders(name))
        return unwritable(path, errno);
    const NewFile file(name);
    if (file.fd() < 0 || !writeAll(file.fd(), secret))
        return unwritable(path, errno);
    if (!file.take(existing))
        return errno == EEXIST ? failed(Code::KeyExists, path, QStringLiteral("is there already"))
                               : unwritable(path, errno);
    return syncFolderOf(name) ? Status() : unwritable(path, errno);
}

Status removeSecretFile(const QString &path)
{
    if (!path.startsWith(QLatin1Char('/')))
        return Error{Code::ConfigBadValue, QStringLiteral("expected file:PATH with an absolute path")};
    const QByteArray name = QFile::encodeName(path);
    if (::unlink(name.constData()) != 0)
        return errno == ENOENT ? Status() : Status(unwritable(path, errno));
    return syncFolderOf(name) ? Status() : unwritable(path, errno);
}

QString secretPath(const QString &place, const QString &credentials)
{
    if (place.startsWith(kFile))
        return place.sliced(kFile.size());
    if (place.startsWith(kCredential) && !credentials.isEmpty())
        return credentials + QLatin1Char('/') + place.sliced(kCredential.size());
    return {};
}

} // namespace cring::config
