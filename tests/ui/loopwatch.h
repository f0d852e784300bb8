// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QElapsedTimer>
#include <QTimer>

namespace cring::test {

/// How long the event loop of this thread stood still at a time. What the machine kept the thread waiting for
/// a core (schedstat, proc(5)) is not counted: others' work is no fault of ours. One thread; runs from its
/// making.
class LoopWatch : public QObject
{
    Q_OBJECT

public:
    LoopWatch();

    /// What the test itself does is not measured until resume().
    void pause() { m_beat.stop(); }
    void resume();

    std::chrono::milliseconds longest() const { return m_longest; }
    int beats() const { return m_beats; }

private:
    void look();

    QTimer m_beat;
    QElapsedTimer m_since;
    qint64 m_waited = 0; ///< For a core, in all, in nanoseconds.
    int m_beats = 0;
    std::chrono::milliseconds m_longest{0};
};

} // namespace cring::test
