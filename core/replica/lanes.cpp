// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/lanes.h"

namespace cring::replica {

using state::forEachAncestor;
using state::holdsAtOrBelow;
using state::isAtOrBelow;

void Lanes::Hold::release()
{
    if (Lanes *lanes = m_lanes.data()) {
        m_lanes = nullptr;
        lanes->release(m_backend, m_key);
    }
}

bool Lanes::isBusy(const QString &backend, const ObjectKey &key) const
{
    const auto busy = m_busy.constFind(backend);
    if (busy == m_busy.constEnd())
        return false;
    bool found = holdsAtOrBelow(*busy, key);
    forEachAncestor(key, [&](QByteArrayView above) { found = found || busy->contains(above.toByteArray()); });
    return found;
}

bool Lanes::queuedBehind(std::list<Waiting>::const_iterator end, const QString &backend,
                         const ObjectKey &key) const
{
    return std::any_of(m_waiting.begin(), end, [&](const Waiting &earlier) {
        return earlier.context && earlier.backend == backend &&
               (isAtOrBelow(key, earlier.key) || isAtOrBelow(earlier.key, key));
    });
}

void Lanes::acquire(const QString &backend, const ObjectKey &key, QObject *context,
                    std::function<void(Hold)> granted)
{
    if (isBusy(backend, key) || queuedBehind(m_waiting.end(), backend, key)) {
        m_waiting.push_back({backend, key, context, std::move(granted)});
        return;
    }
    m_busy[backend].insert(key);
    granted(Hold(this, backend, key));
}

void Lanes::release(const QString &backend, const ObjectKey &key)
{
    m_busy[backend].erase(key);
    if (m_waiting.empty() || m_granting)
        return;
    m_granting = true;
    QMetaObject::invokeMethod(this, &Lanes::grantWaiting, Qt::QueuedConnection);
}

void Lanes::grantWaiting()
{
    m_granting = false;
    for (auto it = m_waiting.begin(); it != m_waiting.end();) {
        if (!it->context) {
            it = m_waiting.erase(it);
        } else if (isBusy(it->backend, it->key) || queuedBehind(it, it->backend, it->key)) {
            ++it;
        } else {
            Waiting next = std::move(*it);
            it = m_waiting.erase(it);
            m_busy[next.backend].insert(next.key);
            next.granted(Hold(this, next.backend, next.key));
        }
    }
}

} // namespace cring::replica
