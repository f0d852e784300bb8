// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/objectkey.h"

#include <QObject>
#include <QPointer>

#include <functional>
#include <list>
#include <map>
#include <set>

namespace cring::replica {

using state::ObjectKey;

/// Short exclusive locks on paths: the release of a tail, a delete and every background write take their path
/// exclusively and its ancestors shared (design: the write path, step 3). So a delete of a folder waits for
/// the writes below it, and writes to different files of one folder do not wait for each other. No one holds
/// a lock while a client is waited for.
///
/// Fair: a request is not overtaken by a later one that conflicts with it. One thread.
class PathLocks final : public QObject
{
    Q_OBJECT

public:
    /// Holds one lock; gives it back when destroyed.
    class Lease
    {
    public:
        Lease() = default;
        Lease(Lease &&other) noexcept
            : m_locks(std::exchange(other.m_locks, nullptr))
            , m_key(std::move(other.m_key))
        {
        }
        Lease &operator=(Lease &&other) noexcept
        {
            release();
            m_locks = std::exchange(other.m_locks, nullptr);
            m_key = std::move(other.m_key);
            return *this;
        }
        ~Lease() { release(); }
        explicit operator bool() const { return m_locks; }
        void release();

    private:
        friend class PathLocks;
        Lease(PathLocks *locks, ObjectKey key)
            : m_locks(locks)
            , m_key(std::move(key))
        {
        }
        QPointer<PathLocks> m_locks;
        ObjectKey m_key;
    };

    /// `granted` is called once with the lease, at once when nothing conflicts, else from the event loop;
    /// never when `context` dies first.
    void acquire(const ObjectKey &key, QObject *context, std::function<void(Lease)> granted);
    /// `freed` is called when nobody holds the path or what lies above it, without taking anything: for
    /// readers.
    void whenFree(const ObjectKey &key, QObject *context, std::function<void()> freed);

    /// Somebody holds the path or one above it.
    bool isHeld(const ObjectKey &key) const;
    qsizetype heldCount() const { return static_cast<qsizetype>(m_exclusive.size()); }

private:
    struct Waiting
    {
        ObjectKey key;
        QPointer<QObject> context;
        std::function<void(Lease)> granted; ///< Empty for a reader.
        std::function<void()> freed;
    };

    bool conflicts(const ObjectKey &key) const;
    bool overtakes(std::list<Waiting>::const_iterator end, const ObjectKey &key) const;
    void take(const ObjectKey &key);
    void release(const ObjectKey &key);
    void grantWaiting();

    std::set<ObjectKey> m_exclusive;
    std::list<Waiting> m_waiting;
    bool m_granting = false;
};

} // namespace cring::replica
