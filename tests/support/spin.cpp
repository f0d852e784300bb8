// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/spin.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QEvent>
#include <QTimer>

namespace cring::test {

bool spinUntil(const std::function<bool()> &done, int limit)
{
    // Wakes the loop for what changes without an event here: files, other processes, other threads.
    constexpr int Tick = 5;
    QTimer tick;
    tick.start(Tick);
    const QDeadlineTimer deadline(limit);
    while (!done()) {
        if (deadline.hasExpired())
            return false;
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        // processEvents leaves these to a loop that runs above it; here is none.
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    return true;
}

playground::Waiter spinningWaiter()
{
    return [](QProcess &, const std::function<bool()> &done, playground::milliseconds limit) {
        return spinUntil(done, static_cast<int>(limit.count()));
    };
}

} // namespace cring::test
