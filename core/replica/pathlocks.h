// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/objectkey.h"

#include <QObject>
#include <QPointer>

#include <chrono>
#include <functional>
#include <list>
#include <map>

namespace cring::replica {

using state::ObjectKey;

/// Short exclusive locks on paths: the release of a tail, a delete and every background write take their path
/// exclusively and its ancestors shared (design: the write path, step 3). So a delete of a folder waits for
/// the writes below it, and writes to different files of one folder do not wait for each other. No one holds
/// a lock while a client is waited for.
///
/// What clients ask for comes before what works in the background: nobody reads less while a copy is mended,
/// and who mends is told when somebody waits.
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
    /// As acquire(), for work in the background. `wanted` is called once, from the event loop, when a
    /// client's change waits for what this one holds: it is to be given back soon. Whoever holds it for no
    /// longer than a short answer takes need not be told.
    void acquireBehind(const ObjectKey &key, QObject *context, std::function<void(Lease)> granted,
                       std::function<void()> wanted = {});
    /// `done` is called with true when no client's change holds the path or what lies above it, without
    /// taking anything: for readers; with false when that takes longer than `limit`.
    void whenFree(const ObjectKey &key, QObject *context, std::chrono::milliseconds limit,
                  std::function<void(bool)> done);

    /// Somebody holds the path or one above it.
    bool isHeld(const ObjectKey &key) const;

private:
    struct Holder
    {
        bool behind = false; ///< Works in the background.
        QPointer<QObject> context;
        std::function<void()> wanted; ///< Empty once called.
    };
    using Holders = std::map<ObjectKey, Holder>;
    struct Waiting
    {
        ObjectKey key;
        Holder holder;
        std::function<void(Lease)> granted; ///< Empty for a reader.
        std::function<void(bool)> done;
        quint64 number = 0;
    };

    void acquire(Waiting request);
    bool isHeldByChange(const ObjectKey &key) const;
    bool conflicts(const ObjectKey &key) const;
    bool overtakes(std::list<Waiting>::const_iterator end, const ObjectKey &key) const;
    bool mustWait(std::list<Waiting>::const_iterator waiting) const;
    void grant(Waiting request);
    void askBack(Holder &holder);
    void askBackFor(const ObjectKey &key);
    void endWaiting(quint64 number);
    void release(const ObjectKey &key);
    void grantWaiting();

    Holders m_exclusive;
    std::list<Waiting> m_waiting;
    quint64 m_lastNumber = 0;
    bool m_granting = false;
};

} // namespace cring::replica
