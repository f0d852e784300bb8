// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QtGlobal>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace cring {
class IClock;
} // namespace cring

namespace cring::accounts {

/// Ends calls of a library that blocks and knows no time: a thread of its own shuts the socket down under
/// them when a limit has passed, or when somebody calls the work off.
class Watchdog
{
public:
    /// `cut` is called once at most, on another thread, and ends whatever is under way. The clock outlives
    /// this.
    Watchdog(std::function<void()> cut, const IClock &clock, const std::stop_token &stop);
    ~Watchdog();
    Q_DISABLE_COPY_MOVE(Watchdog)

    /// Lives as long as the call that it watches. One at a time.
    class Watch
    {
    public:
        Watch(Watchdog &dog, std::chrono::milliseconds limit)
            : m_dog(dog)
        {
            m_dog.arm(limit);
        }
        ~Watch() { m_dog.disarm(); }
        Q_DISABLE_COPY_MOVE(Watch)

    private:
        Watchdog &m_dog;
    };

    bool timedOut() const;
    bool calledOff() const { return m_stop.stop_requested(); }
    /// The limit that has passed.
    std::chrono::milliseconds limit() const;

private:
    void arm(std::chrono::milliseconds limit);
    void disarm();
    void watch(const std::stop_token &stop);
    void cut();

    const std::function<void()> m_cut;
    const IClock &m_clock;
    const std::stop_token m_stop;
    mutable std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::optional<std::chrono::milliseconds> m_end;  ///< On the steady clock.
    std::optional<std::chrono::milliseconds> m_wake; ///< When the thread looks again by itself.
    std::chrono::milliseconds m_limit{0};
    bool m_timedOut = false;
    bool m_wasCut = false;
    std::stop_callback<std::function<void()>> m_calledOff;
    std::jthread m_thread;
};

} // namespace cring::accounts
