// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/spooldraft.h"

namespace cring::state {

SpoolDraft::SpoolDraft(Spool &spool, BodyStore &bodies)
    : BodyDraft(bodies)
    , m_spool(spool)
{
}

SpoolDraft::~SpoolDraft()
{
    if (m_committed)
        m_spool.remove(id());
}

void SpoolDraft::commit(const ObjectKey &key, const QByteArray &digest, quint32 mode,
                        std::function<void(const Status &)> done)
{
    if (problem()) {
        QMetaObject::invokeMethod(
            this, [done, status = Status(*problem())] { done(status); }, Qt::QueuedConnection);
        return;
    }
    const Spool::Body body{id(), key, size(), digest, mode, m_spool.m_clock.wall().count(), true};
    finish({key, body.size, mode, {}, body.since, digest}, &m_spool,
           [spool = &m_spool, draft = QPointer(this), body, done](const Status &status) {
               if (!draft) {
                   spool->remove(body.id);
                   return;
               }
               if (draft->m_withdrawn)
                   return;
               if (status) {
                   draft->m_committed = true;
                   spool->add(body);
               }
               done(status);
           });
}

void SpoolDraft::keep()
{
    if (!std::exchange(m_committed, false))
        return;
    m_spool.m_all.at(id()).pending = false;
    Q_EMIT m_spool.changed();
}

void SpoolDraft::withdraw(QObject *context, std::function<void()> done)
{
    m_withdrawn = true;
    m_committed = false;
    m_spool.remove(id(), context, std::move(done));
}

} // namespace cring::state
