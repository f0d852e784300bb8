// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <chrono>
#include <optional>

namespace cring::control {

/// Both clocks at one instant. The steady one stands still while the machine sleeps; the wall clock does not.
struct Moment
{
    std::chrono::milliseconds steady{0};
    std::chrono::milliseconds wall{0};
};

/// After the machine has slept, servers get a while to be found again before they count as gone. A value.
struct WakeGrace
{
    /// The wall clock is that far ahead of the steady one: the machine slept.
    static constexpr std::chrono::milliseconds sleepGap{15'000};
    static constexpr std::chrono::milliseconds grace{20'000};

    std::optional<std::chrono::milliseconds> until; ///< Steady; nothing: there is none now.
    std::optional<Moment> last;

    /// At each look.
    void see(const Moment &at)
    {
        if (last && (at.wall - last->wall) - (at.steady - last->steady) >= sleepGap)
            until = at.steady + grace;
        if (until && at.steady >= *until)
            until.reset();
        last = at;
    }
};

} // namespace cring::control
