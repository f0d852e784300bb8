// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/workers.h"

namespace cring {

Workers::Workers(int threads, QObject *parent)
    : QObject(parent)
{
    m_pool.setMaxThreadCount(threads);
}

Workers::~Workers()
{
    m_pool.clear();
    m_pool.waitForDone();
}

void Workers::run(std::function<void()> work)
{
    push({std::move(work), {}, {}});
}

void Workers::run(std::function<void()> work, QObject *context, std::function<void()> done)
{
    push({std::move(work), QPointer<QObject>(context), std::move(done)});
}

void Workers::post(const QPointer<QObject> &receiver, std::function<void()> message)
{
    tell({{}, receiver, std::move(message)});
}

void Workers::push(Task task)
{
    {
        const std::lock_guard lock(m_mutex);
        m_waiting.push_back(std::move(task));
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
    if (task.done)
        tell(std::move(task));
}

void Workers::tell(Task task)
{
    {
        const std::lock_guard lock(m_mutex);
        m_told.push_back(std::move(task));
    }
    // To this object, which outlives its threads: whether the context is alive, its own thread knows.
    QMetaObject::invokeMethod(this, &Workers::deliverOne, Qt::QueuedConnection);
}

void Workers::deliverOne()
{
    Task task;
    {
        const std::lock_guard lock(m_mutex);
        task = std::move(m_told.front());
        m_told.pop_front();
    }
    if (task.context)
        task.done();
}

} // namespace cring
