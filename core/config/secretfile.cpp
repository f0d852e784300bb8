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

QString secretPath(const QString &place, const QString &credentials)
{
    if (place.startsWith(kFile))
        return place.sliced(kFile.size());
    if (place.startsWith(kCredential) && !credentials.isEmpty())
        return credentials + QLatin1Char('/') + place.sliced(kCredential.size());
    return {};
}

} // namespace cring::config
