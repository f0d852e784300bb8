// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/pathlocks.h"

#include <QTimer>

namespace cring::replica {

using state::forEachAncestor;
using state::isAtOrBelow;

void PathLocks::Lease::release()
{
    if (PathLocks *locks = m_locks.data()) {
        m_locks = nullptr;
        locks->release(m_key);
    }
}

bool PathLocks::isHeld(const ObjectKey &key) const
{
    bool held = m_exclusive.contains(key);
    forEachAncestor(key,
                    [&](QByteArrayView above) { held = held || m_exclusive.contains(above.toByteArray()); });
    return held;
}

bool PathLocks::isHeldByChange(const ObjectKey &key) const
{
    const auto changes = [this](const ObjectKey &at) {
        const auto holder = m_exclusive.find(at);
        return holder != m_exclusive.end() && !holder->second.behind;
    };
    bool held = changes(key);
    forEachAncestor(key, [&](QByteArrayView above) { held = held || changes(above.toByteArray()); });
    return held;
}

/// A holder below `key` has it shared; a holder above or at it excludes us.
bool PathLocks::conflicts(const ObjectKey &key) const
{
    if (isHeld(key))
        return true;
    const auto below = m_exclusive.lower_bound(key + '/');
    return below != m_exclusive.end() && isAtOrBelow(below->first, key);
}

/// Somebody who came earlier waits for a lock that excludes this one.
bool PathLocks::overtakes(std::list<Waiting>::const_iterator end, const ObjectKey &key) const
{
    return std::any_of(m_waiting.begin(), end, [&](const Waiting &earlier) {
        return earlier.granted && earlier.holder.context &&
               (isAtOrBelow(key, earlier.key) || isAtOrBelow(earlier.key, key));
    });
}

void PathLocks::acquire(const ObjectKey &key, QObject *context, std::function<void(Lease)> granted)
{
    acquire({key, {false, context, {}}, std::move(granted), {}, 0});
}

void PathLocks::acquireBehind(const ObjectKey &key, QObject *context, std::function<void(Lease)> granted,
                              std::function<void()> wanted)
{
    acquire({key, {true, context, std::move(wanted)}, std::move(granted), {}, 0});
}

void PathLocks::acquire(Waiting request)
{
    if (!conflicts(request.key) && !overtakes(m_waiting.end(), request.key)) {
        grant(std::move(request));
        return;
    }
    if (!request.holder.behind)
        askBackFor(request.key);
    m_waiting.push_back(std::move(request));
}

void PathLocks::grant(Waiting request)
{
    Holder &holder = m_exclusive[request.key] = std::move(request.holder);
    // Somebody may wait for it already.
    const bool wanted =
        holder.behind && std::any_of(m_waiting.begin(), m_waiting.end(), [&](const Waiting &waiting) {
            return waiting.granted && !waiting.holder.behind && waiting.holder.context &&
                   (isAtOrBelow(waiting.key, request.key) || isAtOrBelow(request.key, waiting.key));
        });
    if (wanted)
        askBack(holder);
    request.granted(Lease(this, request.key));
}

void PathLocks::askBack(Holder &holder)
{
    if (holder.wanted && holder.context)
        QMetaObject::invokeMethod(holder.context.data(), std::move(holder.wanted), Qt::QueuedConnection);
    holder.wanted = nullptr;
}

/// Of everybody who works in the background and is in the way.
void PathLocks::askBackFor(const ObjectKey &key)
{
    const auto ask = [this](const ObjectKey &at) {
        if (const auto holder = m_exclusive.find(at); holder != m_exclusive.end())
            askBack(holder->second);
    };
    ask(key);
    forEachAncestor(key, [&](QByteArrayView above) { ask(above.toByteArray()); });
    for (auto below = m_exclusive.lower_bound(key + '/');
         below != m_exclusive.end() && isAtOrBelow(below->first, key); ++below)
        askBack(below->second);
}

void PathLocks::whenFree(const ObjectKey &key, QObject *context, std::chrono::milliseconds limit,
                         std::function<void(bool)> done)
{
    if (!isHeldByChange(key)) {
        done(true);
        return;
    }
    const quint64 number = ++m_lastNumber;
    m_waiting.push_back({key, {false, context, {}}, {}, std::move(done), number});
    QTimer::singleShot(limit, this, [this, number] { endWaiting(number); });
}

void PathLocks::endWaiting(quint64 number)
{
    const auto waiting = std::find_if(m_waiting.begin(), m_waiting.end(), [number](const Waiting &candidate) {
        return candidate.number == number;
    });
    if (waiting == m_waiting.end())
        return;
    const Waiting late = std::move(*waiting);
    m_waiting.erase(waiting);
    if (late.holder.context)
        late.done(false);
}

void PathLocks::release(const ObjectKey &key)
{
    m_exclusive.erase(key);
    if (m_waiting.empty() || m_granting)
        return;
    // Queued: the holder is usually in the middle of its own last step.
    m_granting = true;
    QMetaObject::invokeMethod(this, &PathLocks::grantWaiting, Qt::QueuedConnection);
}

bool PathLocks::mustWait(std::list<Waiting>::const_iterator waiting) const
{
    if (!waiting->granted)
        return isHeldByChange(waiting->key);
    return conflicts(waiting->key) || overtakes(waiting, waiting->key);
}

void PathLocks::grantWaiting()
{
    m_granting = false;
    for (auto it = m_waiting.begin(); it != m_waiting.end();) {
        if (!it->holder.context) {
            it = m_waiting.erase(it);
        } else if (mustWait(it)) {
            ++it;
        } else {
            Waiting next = std::move(*it);
            it = m_waiting.erase(it);
            if (next.granted)
                grant(std::move(next));
            else
                next.done(true);
        }
    }
}

} // namespace cring::replica
