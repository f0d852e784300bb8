// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/bodyfiles.h"

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QThreadPool>

#include <functional>
#include <memory>
#include <vector>

namespace cring::state {

/// Bodies in files, bounded by a budget: what is done with the disk is done on threads of its own, in order
/// for each body, and told on the event loop's. What the bodies are is its owner's business.
class BodyStore final : public QObject
{
    Q_OBJECT

public:
    /// `full`: what a draft fails with that finds no room left in the budget.
    BodyStore(BodyFiles files, int threads, Error full);
    ~BodyStore() override;

    /// What is there, before the event loop runs. Blocks. Later numbers are given from behind it on.
    QList<BodyFiles::Found> scan();
    /// For what blocks, before the event loop runs, and for names.
    const BodyFiles &files() const { return m_files; }
    /// Numbers up to this one are taken.
    void pass(quint64 id) { m_lastId = qMax(m_lastId, id); }
    quint64 nextId() { return ++m_lastId; }

    /// Bytes of all bodies together. What is there stays when it is more.
    void setBudget(qint64 bytes) { m_budget = bytes; }
    qint64 budget() const { return m_budget; }
    /// Asked when the budget is exceeded: to take() what need not be there.
    void setMakeRoom(std::function<void()> makeRoom) { m_makeRoom = std::move(makeRoom); }
    /// Kept, or being written.
    qint64 bytes() const { return m_kept + m_drafted; }
    /// A body of so many bytes is kept from now on, or not any more.
    void put(qint64 bytes) { m_kept += bytes; }
    void take(qint64 bytes) { m_kept -= bytes; }

    /// Runs the job on the body's thread, in order, and `then` here unless the context has died.
    void work(quint64 id, std::function<void(const BodyFiles &)> job, QObject *context = nullptr,
              std::function<void()> then = {});
    /// `done` with at most `size` bytes from an offset, fewer at the end. StateFile.
    void read(quint64 id, qint64 offset, qint64 size, QObject *context,
              std::function<void(const Result<QByteArray> &)> done);
    /// Note and bytes, in this order.
    void remove(quint64 id, QObject *context = nullptr, std::function<void()> done = {});

private:
    friend class BodyDraft;

    struct Waiting
    {
        QPointer<QObject> context;
        std::function<void()> then;
    };

    /// False when there is no room for so many bytes more.
    bool reserve(qint64 bytes);

    const BodyFiles m_files;
    const Error m_full;
    QHash<quint64, Waiting> m_waiting;
    std::function<void()> m_makeRoom;
    quint64 m_lastId = 0;
    quint64 m_lastWork = 0;
    qint64 m_budget;
    qint64 m_kept = 0;
    qint64 m_drafted = 0;
    std::vector<std::unique_ptr<QThreadPool>> m_threads; ///< Of one thread each.
};

} // namespace cring::state
