// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/state/writerprocess.h"

#include "tests/support/spin.h"

#include <QCoreApplication>

namespace cring::test {

namespace {

constexpr int kLimit = 30'000;

} // namespace

WriterProcess::WriterProcess(User user)
    : ChildProcess(user)
{
    setProcessChannelMode(ForwardedErrorChannel);
}

void WriterProcess::begin(const QStringList &arguments)
{
    start(QCoreApplication::applicationDirPath() + QStringLiteral("/cring_state_writer"), arguments);
}

bool WriterProcess::waitForLines(qsizetype count)
{
    return spinUntil([&] { return lines().size() >= count || state() == NotRunning; }, kLimit) &&
           lines().size() >= count;
}

bool WriterProcess::waitForLine(const QByteArray &beginning)
{
    const auto said = [&] {
        const auto all = lines();
        return std::any_of(all.begin(), all.end(),
                           [&](const QByteArray &line) { return line.startsWith(beginning); });
    };
    return spinUntil([&] { return said() || state() == NotRunning; }, kLimit) && said();
}

QList<QByteArray> WriterProcess::lines()
{
    m_output += readAllStandardOutput();
    QList<QByteArray> all = m_output.split('\n');
    all.removeLast(); // Not ended yet, or empty.
    return all;
}

qint64 WriterProcess::highest(bool onDisk)
{
    qint64 number = 0;
    const auto all = lines();
    for (const QByteArray &line : all) {
        if (line.startsWith("p ") || (!onDisk && line.startsWith("d ")))
            number = std::max(number, line.mid(2).toLongLong());
    }
    return number;
}

} // namespace cring::test
