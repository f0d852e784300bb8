// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QPointer>
#include <QThreadPool>

#include <deque>
#include <functional>
#include <mutex>

namespace cring {

/// A few threads for what would hold up the event loop: arithmetic, and calls that wait for a disk or a
/// machine. Work is begun in the order in which it came; what is begun may be under way at the same time.
///
/// Belongs to the event loop's thread. Destroying it drops what has not begun and waits for what has: whoever
/// gives it long work can call that off.
class Workers final : public QObject
{
    Q_OBJECT

public:
    /// More than one, so that what hangs does not hold up all else.
    static constexpr int kThreads = 2;

    explicit Workers(int threads = kThreads, QObject *parent = nullptr);
    ~Workers() override;

    /// Some thread calls `work`.
    void run(std::function<void()> work);
    /// Then the event loop calls `done`, unless `context` has died by then.
    void run(std::function<void()> work, QObject *context, std::function<void()> done);
    /// From a worker's thread: `message` is called on the event loop, unless `receiver` or this object has
    /// died by then. The pointer was made there, too.
    void post(const QPointer<QObject> &receiver, std::function<void()> message);

private:
    struct Task
    {
        std::function<void()> work;
        QPointer<QObject> context; ///< Made and looked at on the event loop's thread only.
        std::function<void()> done;
    };

    void push(Task task);
    void workOnOne();
    void tell(Task task);
    void deliverOne();

    QThreadPool m_pool;
    std::mutex m_mutex; ///< For the two below.
    std::deque<Task> m_waiting;
    std::deque<Task> m_told;
};

} // namespace cring
