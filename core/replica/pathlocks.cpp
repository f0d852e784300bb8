// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/pathlocks.h"

namespace cring::replica {

using state::forEachAncestor;
using state::holdsAtOrBelow;
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

/// A holder below `key` has it shared; a holder above or at it excludes us.
bool PathLocks::conflicts(const ObjectKey &key) const
{
    return isHeld(key) || holdsAtOrBelow(m_exclusive, key);
}

/// Somebody who came earlier waits for a lock that excludes this one.
bool PathLocks::overtakes(std::list<Waiting>::const_iterator end, const ObjectKey &key) const
{
    return std::any_of(m_waiting.begin(), end, [&](const Waiting &earlier) {
        return earlier.granted && earlier.context &&
               (isAtOrBelow(key, earlier.key) || isAtOrBelow(earlier.key, key));
    });
}

void PathLocks::take(const ObjectKey &key)
{
    m_exclusive.insert(key);
}

void PathLocks::acquire(const ObjectKey &key, QObject *context, std::function<void(Lease)> granted)
{
    if (!conflicts(key) && !overtakes(m_waiting.end(), key)) {
        take(key);
        granted(Lease(this, key));
        return;
    }
    m_waiting.push_back({key, context, std::move(granted), {}});
}

void PathLocks::whenFree(const ObjectKey &key, QObject *context, std::function<void()> freed)
{
    if (!isHeld(key))
        freed();
    else
        m_waiting.push_back({key, context, {}, std::move(freed)});
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

void PathLocks::grantWaiting()
{
    m_granting = false;
    for (auto it = m_waiting.begin(); it != m_waiting.end();) {
        const bool reader = !it->granted;
        if (!it->context) {
            it = m_waiting.erase(it);
        } else if (reader ? isHeld(it->key) : (conflicts(it->key) || overtakes(it, it->key))) {
            ++it;
        } else {
            Waiting next = std::move(*it);
            it = m_waiting.erase(it);
            if (reader) {
                next.freed();
            } else {
                take(next.key);
                next.granted(Lease(this, next.key));
            }
        }
    }
}

} // namespace cring::replica
