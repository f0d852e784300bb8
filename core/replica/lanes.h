// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/objectkey.h"

#include <QHash>
#include <QObject>
#include <QPointer>

#include <functional>
#include <list>
#include <set>

namespace cring::replica {

using state::ObjectKey;

/// One write at a time for each (server, path) and what lies above and below it: held from the first tail (or
/// DELETE) byte until that server has answered or its connection has died, however long the client has had
/// its answer. A later write to the same path queues here, so that a server's late work never lands on top of
/// newer work.
class Lanes final : public QObject
{
    Q_OBJECT

public:
    class Hold
    {
    public:
        Hold() = default;
        Hold(Hold &&other) noexcept
            : m_lanes(std::exchange(other.m_lanes, nullptr))
            , m_backend(std::move(other.m_backend))
            , m_key(std::move(other.m_key))
        {
        }
        Hold &operator=(Hold &&other) noexcept
        {
            release();
            m_lanes = std::exchange(other.m_lanes, nullptr);
            m_backend = std::move(other.m_backend);
            m_key = std::move(other.m_key);
            return *this;
        }
        ~Hold() { release(); }
        explicit operator bool() const { return m_lanes; }
        void release();

    private:
        friend class Lanes;
        Hold(Lanes *lanes, QString backend, ObjectKey key)
            : m_lanes(lanes)
            , m_backend(std::move(backend))
            , m_key(std::move(key))
        {
        }
        QPointer<Lanes> m_lanes;
        QString m_backend;
        ObjectKey m_key;
    };

    /// `granted` is called once, at once or from the event loop, in the order of the calls; never when
    /// `context` dies first. `backend` is the server's id.
    void acquire(const QString &backend, const ObjectKey &key, QObject *context,
                 std::function<void(Hold)> granted);
    bool isBusy(const QString &backend, const ObjectKey &key) const;

private:
    struct Waiting
    {
        QString backend;
        ObjectKey key;
        QPointer<QObject> context;
        std::function<void(Hold)> granted;
    };

    bool queuedBehind(std::list<Waiting>::const_iterator end, const QString &backend,
                      const ObjectKey &key) const;
    void release(const QString &backend, const ObjectKey &key);
    void grantWaiting();

    QHash<QString, std::set<ObjectKey>> m_busy;
    std::list<Waiting> m_waiting;
    bool m_granting = false;
};

} // namespace cring::replica
