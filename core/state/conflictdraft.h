// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/bodydraft.h"
#include "core/state/conflicts.h"

namespace cring::state {

/// One version on its way to be kept aside. A draft fails with ConflictsFull or StateFile. Conflicts outlives
/// it.
class ConflictDraft final : public BodyDraft
{
    Q_OBJECT

public:
    ConflictDraft(Conflicts &conflicts, BodyStore &bodies);

    /// With what is known of the whole; id, size and time are filled in. `done` when it is on the disk, and
    /// survives a power cut; or when the same version is kept already. Never when the draft dies first.
    void commit(Conflicts::Version version, std::function<void(const Status &)> done);

private:
    Conflicts &m_conflicts;
};

} // namespace cring::state
