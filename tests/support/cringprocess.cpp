// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cringprocess.h"

#include "tests/support/leaks.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include <unistd.h>

namespace cring::test {

using playground::milliseconds;

CringProcess::CringProcess(playground::CharmCluster &cluster)
    : playground::RingProcess(prepared(optionsFor(cluster), folder.path()))
{
}

CringProcess::CringProcess(playground::RingOptions options)
    : playground::RingProcess(prepared(std::move(options), folder.path()))
{
}

CringProcess::~CringProcess()
{
    searchForSecrets();
    if (QTest::currentTestFailed())
        qWarning().noquote() << "The end of cring's log:\n" << QString::fromUtf8(logTail());
}

void CringProcess::searchForSecrets() const
{
    const QString home = QFileInfo(logFile()).path();
    const QStringList found = leaksInFile(logFile()) + leaksIn(home + QStringLiteral("/state"));
    if (found.isEmpty())
        return;
    const QByteArray words = found.join(u'\n').toUtf8();
    if (!QTest::currentTestFunction())
        qFatal("%s", words.constData()); // Nobody counts failures any more.
    QTest::qFail(words.constData(), __FILE__, __LINE__);
}

CringProcess::Output CringProcess::runCommand(const QStringList &arguments, milliseconds limit)
{
    const auto process = command(arguments);
    process->start();
    process->closeWriteChannel();
    const bool finished =
        spinUntil([&] { return process->state() == QProcess::NotRunning; }, static_cast<int>(limit.count()));
    Output output;
    if (finished && process->exitStatus() == QProcess::NormalExit &&
        process->error() != QProcess::FailedToStart)
        output.exitCode = process->exitCode();
    output.out = process->readAllStandardOutput();
    output.err = process->readAllStandardError();
    return output;
}

qint64 CringProcess::residentKiB() const
{
    return statusValue("VmRSS:");
}

qint64 CringProcess::peakKiB() const
{
    return statusValue("VmHWM:");
}

milliseconds CringProcess::cpuTime() const
{
    QFile file(QStringLiteral("/proc/%1/stat").arg(processId()));
    if (!file.open(QIODevice::ReadOnly))
        return milliseconds(0);
    // After the name in brackets, which may hold anything: state is field 3, utime 14, stime 15 (proc(5)).
    const QByteArray stat = file.readAll();
    const QList<QByteArray> fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
    const qint64 ticks = fields.value(11).toLongLong() + fields.value(12).toLongLong();
    return milliseconds(ticks * 1000 / ::sysconf(_SC_CLK_TCK));
}

int CringProcess::openFiles() const
{
    return static_cast<int>(QDir(QStringLiteral("/proc/%1/fd").arg(processId()))
                                .entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot)
                                .size());
}

QString CringProcess::program()
{
    return qEnvironmentVariable("CRING_BIN") + QStringLiteral("/cring");
}

playground::RingOptions CringProcess::prepared(playground::RingOptions options, const QString &home)
{
    options.program = program();
    options.home = home;
    options.waiter = spinningWaiter();
    return options;
}

qint64 CringProcess::statusValue(const char *name) const
{
    QFile file(QStringLiteral("/proc/%1/status").arg(processId()));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (line.startsWith(name))
            return line.mid(qstrlen(name)).simplified().split(' ').value(0).toLongLong();
    }
    return 0;
}

bool isAlive(qint64 pid)
{
    QFile file(QStringLiteral("/proc/%1/stat").arg(pid));
    if (pid <= 0 || !file.open(QIODevice::ReadOnly))
        return false;
    const QByteArray stat = file.readAll();
    return !stat.mid(stat.lastIndexOf(')') + 2).startsWith('Z');
}

} // namespace cring::test
