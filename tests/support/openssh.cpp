// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/openssh.h"

#include "app/playground/childprocess.h"
#include "tests/support/spin.h"

namespace cring::test {

namespace {

constexpr int kLimitMs = 30'000;

} // namespace

QByteArray openSsh(const CharmClient &client, const QString &host, quint16 port, const QByteArray &command,
                   const QByteArray &input)
{
    playground::ChildProcess process;
    QStringList arguments{QStringLiteral("-F"), QStringLiteral("/dev/null")};
    for (const char *option : {"StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null",
                               "IdentitiesOnly=yes", "BatchMode=yes", "LogLevel=ERROR"})
        arguments << QStringLiteral("-o") << QString::fromLatin1(option);
    arguments << QStringLiteral("-i") << client.keyFile() << QStringLiteral("-p") << QString::number(port)
              << QStringLiteral("charm@") + host << QString::fromUtf8(command);
    process.start(QStringLiteral("ssh"), arguments);
    process.write(input);
    process.closeWriteChannel();
    const bool ended = spinUntil([&] { return process.state() == QProcess::NotRunning; }, kLimitMs);
    const QByteArray out = process.readAllStandardOutput();
    return ended && process.exitCode() == 0
               ? out
               : out + process.readAllStandardError() + process.errorString().toUtf8();
}

} // namespace cring::test
