// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/deliveryqueue.h"

namespace cring::repair {

namespace {

/// Paths that are looked at in one turn of the event loop.
constexpr int kLooks = 500;
constexpr char kAfterSlash = '/' + 1;

} // namespace

void DeliveryQueue::owe(const ObjectKey &key, qint64 since)
{
    if (m_running.contains(key))
        return;
    if (const auto pause = m_pauses.find(key); pause != m_pauses.end()) {
        if (pause->second.since != since)
            forget(key);
        else if (m_waiting.contains({pause->second.due, key}))
            return;
    }
    m_ready.insert(key);
}

DeliveryQueue::Search DeliveryQueue::next(Time now, const std::function<Look(const ObjectKey &)> &look,
                                          ObjectKey &found)
{
    wakeDue(now);
    if (!m_round)
        m_round = Round{m_cursor};
    auto it = m_ready.upper_bound(m_cursor);
    for (int looks = 0; looks < kLooks; ++looks) {
        if (it == m_ready.end() && !m_round->wrapped) {
            m_round->wrapped = true;
            it = m_ready.begin();
        }
        if (it == m_ready.end() || (m_round->wrapped && *it > m_round->start)) {
            m_cursor = std::exchange(m_round, std::nullopt)->start;
            return Search::Nothing;
        }
        const Look seen = look(*it);
        switch (seen.verdict) {
        case Verdict::Take:
            m_cursor = found = *it;
            m_ready.erase(it);
            m_running[found] = nullptr;
            m_round.reset();
            return Search::Found;
        case Verdict::Pause:
            m_pauses[*it] = seen.pause;
            m_waiting.insert({seen.pause.due, *it});
            it = m_ready.erase(it);
            break;
        case Verdict::Forget:
            m_pauses.erase(*it);
            it = m_ready.erase(it);
            break;
        case Verdict::Wait:
            it = seen.below.isEmpty() ? std::next(it) : m_ready.lower_bound(seen.below + kAfterSlash);
            break;
        }
    }
    m_cursor = it == m_ready.begin() ? ObjectKey() : *std::prev(it);
    return Search::More;
}

void DeliveryQueue::wakeDue(Time now)
{
    while (!m_waiting.empty() && m_waiting.begin()->first <= now)
        m_ready.insert(m_waiting.extract(m_waiting.begin()).value().second);
}

QObject *DeliveryQueue::end(const ObjectKey &key)
{
    const auto running = m_running.extract(key);
    return running ? running.mapped() : nullptr;
}

void DeliveryQueue::pause(const ObjectKey &key, const Pause &pause)
{
    forget(key);
    m_pauses[key] = pause;
    m_waiting.insert({pause.due, key});
}

void DeliveryQueue::forget(const ObjectKey &key)
{
    m_ready.erase(key);
    if (const auto pause = m_pauses.extract(key))
        m_waiting.erase({pause.mapped().due, key});
}

const DeliveryQueue::Pause *DeliveryQueue::pauseOf(const ObjectKey &key) const
{
    const auto pause = m_pauses.find(key);
    return pause == m_pauses.end() ? nullptr : &pause->second;
}

void DeliveryQueue::wake(bool looks)
{
    for (auto it = m_waiting.begin(); it != m_waiting.end();) {
        if (!looks && m_pauses.at(it->second).task == CopyMending::Task::Verify) {
            ++it;
            continue;
        }
        m_ready.insert(it->second);
        it = m_waiting.erase(it);
    }
}

std::optional<DeliveryQueue::Time> DeliveryQueue::nextDue() const
{
    return m_waiting.empty() ? std::nullopt : std::optional(m_waiting.begin()->first);
}

bool DeliveryQueue::runsBelow(const ObjectKey &key) const
{
    const auto below = m_running.lower_bound(key + '/');
    return m_running.contains(key) || (below != m_running.end() && state::isAtOrBelow(below->first, key));
}

} // namespace cring::repair
