// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/hungdisk.h"

#include <QProcess>

#include <fcntl.h>
#include <unistd.h>

namespace cring::test {

namespace {

/// `input` becomes the command's standard input, which is what sudo hands on.
Status runAsRoot(QStringList command, int input)
{
    if (::geteuid() != 0)
        command = QStringList{QStringLiteral("sudo"), QStringLiteral("-n")} + command;
    QProcess process;
    if (input >= 0)
        process.setChildProcessModifier([input] { ::dup2(input, STDIN_FILENO); });
    process.start(command.takeFirst(), command);
    if (process.waitForFinished() && process.exitCode() == 0)
        return {};
    return Error{Code::NotFound,
                 QStringLiteral("a disk that hangs needs /dev/fuse, and root or sudo without a password: %1")
                     .arg(QString::fromUtf8(process.readAllStandardError()))};
}

} // namespace

/// Not even the first question of the kernel's is answered (fuse(4): FUSE_INIT), for which all others wait.
HungDisk::HungDisk()
    : m_kernel(::open("/dev/fuse", O_RDWR | O_CLOEXEC))
{
    m_made = runAsRoot({QStringLiteral("mount"), QStringLiteral("-i"), QStringLiteral("-t"),
                        QStringLiteral("fuse"), QStringLiteral("-o"),
                        QStringLiteral("fd=0,rootmode=40000,user_id=0,group_id=0,allow_other"),
                        QStringLiteral("cring-test"), path()},
                       m_kernel);
}

HungDisk::~HungDisk()
{
    release();
    if (m_made.ok())
        (void)runAsRoot({QStringLiteral("umount"), QStringLiteral("-l"), path()}, -1);
}

void HungDisk::release()
{
    if (m_kernel >= 0)
        ::close(std::exchange(m_kernel, -1));
}

} // namespace cring::test
