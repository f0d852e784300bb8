// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/loopwatch.h"

#include <QFile>

namespace cring::test {

namespace {

constexpr std::chrono::milliseconds kBeat{5};

qint64 waitedForACore()
{
    QFile file(QStringLiteral("/proc/thread-self/schedstat"));
    return file.open(QIODevice::ReadOnly) ? file.readAll().split(' ').value(1).toLongLong() : 0;
}

} // namespace

LoopWatch::LoopWatch()
{
    m_beat.setTimerType(Qt::PreciseTimer);
    connect(&m_beat, &QTimer::timeout, this, &LoopWatch::look);
    resume();
}

void LoopWatch::resume()
{
    m_since.start();
    m_waited = waitedForACore();
    m_beat.start(kBeat);
}

void LoopWatch::look()
{
    const qint64 waited = waitedForACore();
    const auto stood = std::chrono::nanoseconds(m_since.nsecsElapsed() - (waited - m_waited));
    m_longest = std::max(m_longest, std::chrono::duration_cast<std::chrono::milliseconds>(stood));
    ++m_beats;
    m_waited = waited;
    m_since.start();
}

} // namespace cring::test
