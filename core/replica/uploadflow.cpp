// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/uploadflow.h"

namespace cring::replica {

using namespace std::chrono_literals;

UploadFlow::UploadFlow(const Environment &environment, const OwnerSet &owners, LocalCopy &local)
    : m_environment(environment)
    , m_owners(owners)
    , m_local(local)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &UploadFlow::due);
}

void UploadFlow::update()
{
    charge();
    std::chrono::milliseconds nextLimit = std::chrono::milliseconds::max();
    bool blocked = false;
    const auto limit = othersSuffice() ? m_environment.config.timing.stallBudget : kStandstill;
    const auto look = [&](auto &one) {
        one.stalls = one.beforeTail() && one.blocked();
        if (!one.stalls)
            return;
        if (one.stalled >= limit) {
            one.dropAsSlow();
            return;
        }
        blocked = true;
        nextLimit = std::min(nextLimit, limit - one.stalled);
    };
    for (const auto &stream : m_owners.streams())
        look(*stream);
    look(m_local);
    if (blocked) {
        m_since = m_environment.clock.steady();
        m_timer.start(nextLimit + 1ms);
    } else {
        m_timer.stop();
    }
    if (blocked != m_paused) {
        m_paused = blocked;
        Q_EMIT pausedChanged(blocked);
    }
}

/// Nobody who is blocked now has to be waited for: a quorum goes on, or one fewer and the local copy, if that
/// would count without the others.
bool UploadFlow::othersSuffice() const
{
    const int quorum = m_environment.config.quorum();
    const int blocked =
        m_owners.count([](const OwnerStream &stream) { return stream.beforeTail() && stream.blocked(); });
    const int moving = m_owners.beforeTail() - blocked;
    if (moving >= quorum)
        return true;
    const bool copyMoves = m_local.beforeTail() && !m_local.blocked();
    return copyMoves && moving == quorum - 1 && m_owners.reached() - blocked < quorum;
}

/// To whoever was blocked when the pause began or went on, whether or not it has just taken a little.
void UploadFlow::charge()
{
    const auto now = m_environment.clock.steady();
    if (m_paused) {
        for (const auto &stream : m_owners.streams()) {
            if (stream->stalls)
                stream->stalled += now - m_since;
        }
        if (m_local.stalls)
            m_local.stalled += now - m_since;
    }
    m_since = now;
}

} // namespace cring::replica
