// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/watchdog.h"

#include "core/base/clock.h"

namespace cring::accounts {
using std::chrono::milliseconds;

Watchdog::Watchdog(std::function<void()> cut, const IClock &clock, const std::stop_token &stop)
    : m_cut(std::move(cut))
    , m_clock(clock)
    , m_stop(stop)
    , m_calledOff(stop, [this] { this->cut(); })
    , m_thread([this](const std::stop_token &end) { watch(end); })
{
}

Watchdog::~Watchdog() = default;

void Watchdog::arm(milliseconds limit)
{
    const std::lock_guard lock(m_mutex);
    m_limit = limit;
    m_end = m_clock.steady() + limit;
    // Waking the thread for each of many short calls would cost more than they do.
    if (!m_wake || *m_wake > *m_end)
        m_changed.notify_all();
}

void Watchdog::disarm()
{
    const std::lock_guard lock(m_mutex);
    m_end.reset();
}

bool Watchdog::timedOut() const
{
    const std::lock_guard lock(m_mutex);
    return m_timedOut;
}

milliseconds Watchdog::limit() const
{
    const std::lock_guard lock(m_mutex);
    return m_limit;
}

void Watchdog::cut()
{
    const std::lock_guard lock(m_mutex);
    if (!std::exchange(m_wasCut, true))
        m_cut();
}

void Watchdog::watch(const std::stop_token &stop)
{
    std::unique_lock lock(m_mutex);
    while (!stop.stop_requested()) {
        if (m_end && m_clock.steady() >= *m_end) {
            m_end.reset();
            m_timedOut = true;
            if (!std::exchange(m_wasCut, true))
                m_cut();
        }
        m_wake = m_end;
        if (!m_wake) {
            m_changed.wait(lock, stop, [this] { return m_end.has_value(); });
        } else {
            const milliseconds wake = *m_wake;
            m_changed.wait_for(lock, stop, wake - m_clock.steady(), [&] { return m_end && *m_end < wake; });
        }
    }
}

} // namespace cring::accounts
