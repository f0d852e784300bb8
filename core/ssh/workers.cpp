// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/workers.h"

namespace cring::ssh {

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
    m_pool.start(std::move(work));
}

void Workers::post(const QPointer<QObject> &receiver, std::function<void()> message)
{
    // This object is the context, for it lives as long as any of the threads.
    QMetaObject::invokeMethod(
        this,
        [receiver, message = std::move(message)] {
            if (receiver)
                message();
        },
        Qt::QueuedConnection);
}

} // namespace cring::ssh
