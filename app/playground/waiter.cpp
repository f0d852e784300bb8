// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/waiter.h"

#include "core/base/clock.h"

namespace cring::playground {

Waiter blockingWaiter(std::function<bool()> interrupted)
{
    return [interrupted = std::move(interrupted)](QProcess &process, const std::function<bool()> &done,
                                                  milliseconds limit) {
        constexpr int Slice = 20;
        const SystemClock clock;
        const milliseconds end = clock.steady() + limit;
        while (!done()) {
            if ((interrupted && interrupted()) || clock.steady() >= end)
                return false;
            // Ends early when the process does; a process that is gone already cannot be slept on.
            if (process.state() == QProcess::NotRunning)
                return done();
            process.waitForFinished(Slice);
        }
        return true;
    };
}

} // namespace cring::playground
