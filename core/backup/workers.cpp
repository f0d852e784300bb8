// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/workers.h"

namespace cring::backup {

Workers::Workers(int threads, QObject *parent)
    : QObject(parent)
{
    m_pool.setMaxThreadCount(threads);
}

Workers::~Workers()
{
    m_stopping = true;
    m_pool.clear();
    m_pool.waitForDone();
}

void Workers::run(std::function<void()> work, QObject *context, std::function<void()> done)
{
    {
        const std::lock_guard lock(m_mutex);
        m_waiting.push_back({std::move(work), QPointer<QObject>(context), std::move(done)});
    }
    m_pool.start([this] { workOnOne(); });
}

void Workers::workOnOne()
{
    Task task;
    {
        const std::lock_guard lock(m_mutex);
        task = std::move(m_waiting.front());
        m_waiting.pop_front();
    }
    task.work();
    {
        const std::lock_guard lock(m_mutex);
        m_finished.push_back(std::move(task));
    }
    // To this object, which outlives its threads: whether the context is alive, its own thread knows.
    QMetaObject::invokeMethod(this, &Workers::finishOne, Qt::QueuedConnection);
}

void Workers::finishOne()
{
    Task task;
    {
        const std::lock_guard lock(m_mutex);
        task = std::move(m_finished.front());
        m_finished.pop_front();
    }
    if (task.context)
        task.done();
}

} // namespace cring::backup
