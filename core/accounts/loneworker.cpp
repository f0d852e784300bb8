// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/loneworker.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace cring::accounts {

/// Outlives the worker as long as its thread does.
struct LoneWorker::Shared
{
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Work> waiting;
    QObject *receiver = nullptr; ///< Null: it has died.
    bool running = false;
};

LoneWorker::LoneWorker(std::chrono::milliseconds grace, QObject *parent)
    : QObject(parent)
    , m_shared(std::make_shared<Shared>())
    , m_grace(grace)
{
    m_shared->receiver = this;
    std::thread(&LoneWorker::loop, m_shared).detach();
}

LoneWorker::~LoneWorker()
{
    std::unique_lock lock(m_shared->mutex);
    m_shared->receiver = nullptr;
    m_shared->waiting.clear();
    m_shared->changed.notify_all();
    m_shared->changed.wait_for(lock, m_grace, [this] { return !m_shared->running; });
}

void LoneWorker::run(Work work)
{
    const std::lock_guard lock(m_shared->mutex);
    m_shared->waiting.push_back(std::move(work));
    m_shared->changed.notify_all();
}

void LoneWorker::loop(const std::shared_ptr<Shared> &shared)
{
    std::unique_lock lock(shared->mutex);
    for (;;) {
        shared->changed.wait(lock, [&] { return !shared->waiting.empty() || !shared->receiver; });
        if (!shared->receiver)
            return;
        Work work = std::move(shared->waiting.front());
        shared->waiting.pop_front();
        shared->running = true;
        lock.unlock();
        Message message = work();
        work = {};
        lock.lock();
        shared->running = false;
        if (shared->receiver && message)
            QMetaObject::invokeMethod(shared->receiver, std::move(message), Qt::QueuedConnection);
        shared->changed.notify_all();
    }
}

} // namespace cring::accounts
