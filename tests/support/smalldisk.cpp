// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/smalldisk.h"

#include <QFile>
#include <QProcess>

#include <unistd.h>

namespace cring::test {

namespace {

Status runAsRoot(QStringList command)
{
    if (::geteuid() != 0)
        command = QStringList{QStringLiteral("sudo"), QStringLiteral("-n")} + command;
    QProcess process;
    process.start(command.takeFirst(), command);
    if (process.waitForFinished() && process.exitCode() == 0)
        return {};
    return Error{Code::NotFound, QStringLiteral("a small disk needs root, or sudo without a password: %1")
                                     .arg(QString::fromUtf8(process.readAllStandardError()))};
}

} // namespace

SmallDisk::SmallDisk(qint64 bytes)
{
    // Anybody may write, as the servers run as another user.
    m_made = runAsRoot({QStringLiteral("mount"), QStringLiteral("-t"), QStringLiteral("tmpfs"),
                        QStringLiteral("-o"), QStringLiteral("size=%1,mode=1777").arg(bytes),
                        QStringLiteral("cring-test"), path()});
}

SmallDisk::~SmallDisk()
{
    if (m_made.ok())
        (void)runAsRoot({QStringLiteral("umount"), QStringLiteral("-l"), path()});
}

void SmallDisk::fill()
{
    QFile file(ballast());
    if (!file.open(QIODevice::WriteOnly | QIODevice::Append | QIODevice::Unbuffered))
        return;
    const QByteArray page(4096, 'x');
    while (file.write(page) == page.size()) {
    }
}

void SmallDisk::release()
{
    QFile::remove(ballast());
}

} // namespace cring::test
