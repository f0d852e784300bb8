// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QPointer>
#include <QThreadPool>

#include <deque>
#include <functional>
#include <mutex>

namespace cring::backup {

/// A few threads for what would hold up the event loop: reading files and SHA-256.
///
/// Belongs to the event loop's thread. Destroying it drops what has not begun and waits for what has, which
/// takes as long as one piece (256 KiB), or the digest of one file.
class Workers final : public QObject
{
    Q_OBJECT

public:
    static constexpr int kThreads = 2;

    explicit Workers(int threads = kThreads, QObject *parent = nullptr);
    ~Workers() override;

    /// Some thread calls `work`; then the event loop calls `done`, unless `context` has died by then. What is
    /// begun one after the other may be done at the same time.
    void run(std::function<void()> work, QObject *context, std::function<void()> done);

    /// True once this is being destroyed: long work looks at it between pieces.
    bool stopping() const { return m_stopping.load(std::memory_order_relaxed); }

private:
    struct Task
    {
        std::function<void()> work;
        QPointer<QObject> context; ///< Made and looked at on the event loop's thread only.
        std::function<void()> done;
    };

    void workOnOne();
    void finishOne();

    QThreadPool m_pool;
    std::atomic<bool> m_stopping = false;
    std::mutex m_mutex; ///< For the two below.
    std::deque<Task> m_waiting;
    std::deque<Task> m_finished;
};

} // namespace cring::backup
