// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/gate.h"

namespace cring::chaos {

void Gate::open()
{
    const std::scoped_lock lock(m_mutex);
    m_open = true;
    ++m_ring;
    m_changed.notify_all();
}

void Gate::close()
{
    const std::scoped_lock lock(m_mutex);
    m_open = false;
}

void Gate::end()
{
    const std::scoped_lock lock(m_mutex);
    m_ended = true;
    m_changed.notify_all();
}

int Gate::wait()
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_open || m_ended; });
    return m_ended ? 0 : m_ring;
}

void Gate::pause(std::chrono::milliseconds time)
{
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, time, [this] { return m_ended; });
}

} // namespace cring::chaos
