// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QtGlobal>

#include <chrono>

namespace cring {

/// The two clocks of the program. Everything that asks for the time takes one of these, so that a test can
/// turn it. Timers (QTimer) still run on real time: code that waits re-reads this clock when it wakes.
class IClock
{
public:
    virtual ~IClock() = default;
    /// Monotonic; for durations and deadlines. Never goes back, has no relation to the date.
    virtual std::chrono::milliseconds steady() const = 0;
    /// steady(), as finely as the clock can tell it: for measuring what takes less than a millisecond.
    virtual std::chrono::nanoseconds steadyFine() const { return steady(); }
    /// Since 1970-01-01T00:00:00Z; for token expiry and what people read. May jump.
    virtual std::chrono::milliseconds wall() const = 0;
};

class SystemClock final : public IClock
{
public:
    std::chrono::milliseconds steady() const override;
    std::chrono::nanoseconds steadyFine() const override;
    std::chrono::milliseconds wall() const override;
};

/// Stands still until told otherwise. For tests.
class ManualClock final : public IClock
{
public:
    std::chrono::milliseconds steady() const override { return m_steady; }

    std::chrono::milliseconds wall() const override { return m_wall; }

    void advance(std::chrono::milliseconds by)
    {
        m_steady += by;
        m_wall += by;
    }

    void setWall(std::chrono::milliseconds wall) { m_wall = wall; }

private:
    std::chrono::milliseconds m_steady{0};
    std::chrono::milliseconds m_wall{0};
};

} // namespace cring
