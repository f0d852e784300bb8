// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace cring::chaos {

/// Whether clients may go on: they wait here while there is no ring to talk to. Thread-safe.
class Gate
{
public:
    /// A ring is there; connections to an earlier one are dead.
    void open();
    void close();
    /// No more operations, whatever else happens.
    void end();

    /// Waits for a ring. 0: the run has ended; else a number that rises with every new ring.
    int wait();
    /// A client that was refused does not ask again at once. Returns early at the end.
    void pause(std::chrono::milliseconds time);

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_open = false;
    bool m_ended = false;
    int m_ring = 0;
};

} // namespace cring::chaos
