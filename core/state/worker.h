// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/session.h"

#include <QThread>

#include <condition_variable>
#include <deque>
#include <mutex>

namespace cring::state {

class DirectoryLock;

/// Works through changes and reads in their order, on a thread of its own with a connection of its own: as
/// many changes as wait in one transaction (group commit). A transaction that fails is tried again until it
/// is committed. Everything public is for the thread that made it.
class Worker
{
public:
    struct Task
    {
        quint64 number = 0;
        std::function<Status(Session &)> change; ///< One of these two.
        std::function<void(Session &)> query;
        bool power = false;    ///< On the disk before it counts as done.
        bool together = false; ///< In one transaction with the next one.
    };

    /// A change that can never be recorded and was left out.
    struct Refusal
    {
        quint64 number = 0;
        QString words;
    };

    struct News
    {
        std::vector<quint64> done; ///< Numbers of tasks since the last news, in order.
        std::vector<Refusal> refused;
        QString problem; ///< Why nothing can be committed now; empty while all is well.
    };

    /// `tell` is called on the worker's thread when there is news, and not again before that was taken. The
    /// lock (nullptr for a database in memory) is told of damage, and outlives this.
    Worker(Session::Place place, DirectoryLock *lock, std::function<void()> tell);
    /// finish() comes before, if start() was called.
    ~Worker();

    /// Connects; blocks until that is done.
    Status start();
    /// The last one stands alone or ends what belongs together.
    void push(std::vector<Task> tasks);
    News takeNews();
    /// Does all that waits, copies the log into the database, and ends; gives up after some seconds in which
    /// nothing can be committed. Blocks. Whether all of it is done and on the disk.
    bool finish();

private:
    using Batch = std::vector<Task>;

    void run(Session &session);
    Batch takeBatch();
    void read(Session &session, const Batch &batch);
    bool commit(Session &session, Batch batch);
    Status attempt(Session &session, const Batch &batch, size_t &at);
    void refuse(const Task &task, const Error &error);
    void suffer(const Session &session, const Error &error);
    bool waitToRetry(Session &session, int failures);
    Batch takeReads();
    void checkpointWhenDue(Session &session);
    bool checkpointAll(Session &session);
    void announce(const std::function<void(News &)> &change);

    const Session::Place m_place;
    DirectoryLock *const m_lock;
    const std::function<void()> m_tell;
    std::unique_ptr<QThread> m_thread;

    // For the worker's thread alone.
    bool m_power = false;         ///< What `PRAGMA synchronous` stands at.
    size_t m_sinceCheckpoint = 0; ///< Changes.
    int m_lastAttempts = 0;       ///< Made since finish().

    std::mutex m_mutex; ///< For all below.
    std::condition_variable m_wake;
    std::deque<Task> m_queue;
    size_t m_queuedReads = 0;
    bool m_finishing = false;
    bool m_told = false;
    bool m_clean = false; ///< What finish() returns.
    News m_news;
};

} // namespace cring::state
