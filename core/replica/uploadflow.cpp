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
    const Moving others = m_moving = moving();
    const auto look = [&](auto &one) {
        one.stalls = one.beforeTail() && one.blocked();
        if (!one.stalls) {
            m_standing.remove(&one);
            return;
        }
        const auto used = others == Moving::Quorum ? one.stalled : m_standing.value(&one);
        if (used >= limit(others)) {
            one.dropAsSlow();
            return;
        }
        blocked = true;
        nextLimit = std::min(nextLimit, limit(others) - used);
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

UploadFlow::Moving UploadFlow::moving() const
{
    const int quorum = m_environment.config.quorum();
    const int blocked =
        m_owners.count([](const OwnerStream &stream) { return stream.beforeTail() && stream.blocked(); });
    const int moving = m_owners.beforeTail() - blocked;
    if (moving >= quorum)
        return Moving::Quorum;
    const bool copyMoves = m_local.beforeTail() && !m_local.blocked();
    const bool copyWouldCount = m_owners.reached() - blocked < quorum;
    return copyMoves && copyWouldCount && moving == quorum - 1 ? Moving::WithLocalCopy : Moving::TooFew;
}

std::chrono::milliseconds UploadFlow::limit(Moving moving) const
{
    return moving == Moving::TooFew ? kStandstill : m_environment.config.timing.stallBudget;
}

/// To whoever was blocked when the pause began or went on, whether or not it has just taken a little.
void UploadFlow::charge()
{
    const auto now = m_environment.clock.steady();
    const auto look = [&](auto &one) {
        if (!m_paused || !one.stalls)
            return;
        m_standing[&one] += now - m_since;
        if (m_moving == Moving::Quorum)
            one.stalled += now - m_since;
    };
    for (const auto &stream : m_owners.streams())
        look(*stream);
    look(m_local);
    m_since = now;
}

} // namespace cring::replica
