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
    m_pool.start(
        [this, work = std::move(work), receiver = QPointer<QObject>(context), done = std::move(done)] {
            work();
            // To this object, which outlives its threads: whether the receiver is alive, its own thread
            // knows.
            QMetaObject::invokeMethod(
                this,
                [receiver, done] {
                    if (receiver)
                        done();
                },
                Qt::QueuedConnection);
        });
}

} // namespace cring::backup
