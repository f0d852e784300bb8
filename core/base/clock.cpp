// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"

namespace cring {
using namespace std::chrono;

milliseconds SystemClock::steady() const
{
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch());
}

nanoseconds SystemClock::steadyFine() const
{
    return steady_clock::now().time_since_epoch();
}

milliseconds SystemClock::wall() const
{
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch());
}

} // namespace cring
