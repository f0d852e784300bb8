// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/conflictdraft.h"

namespace cring::state {

ConflictDraft::ConflictDraft(Conflicts &conflicts, BodyStore &bodies)
    : BodyDraft(bodies)
    , m_conflicts(conflicts)
{
}

void ConflictDraft::commit(Conflicts::Version version, std::function<void(const Status &)> done)
{
    if (problem() || m_conflicts.keeps(version.key, version.digest)) {
        QMetaObject::invokeMethod(
            this, [done, status = problem() ? Status(*problem()) : Status()] { done(status); },
            Qt::QueuedConnection);
        return;
    }
    version.id = id();
    version.size = size();
    version.since = m_conflicts.m_clock.wall().count();
    finish({version.key, version.size, version.mode, version.server, version.since, {}}, &m_conflicts,
           [conflicts = &m_conflicts, draft = QPointer(this), version, done](const Status &status) {
               if (!status) {
                   if (draft)
                       done(status);
                   return;
               }
               // Without anybody to tell it is kept all the same.
               if (draft)
                   conflicts->add(version, draft, [done] { done({}); });
               else
                   conflicts->add(version, nullptr, {});
           });
}

} // namespace cring::state
