// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/delivery.h"
#include "core/repair/emptied.h"
#include "core/repair/throttle.h"
#include "core/state/accounts.h"
#include "core/state/conflicts.h"
#include "core/state/findings.h"

namespace cring::repair {

/// What jobs work with. All of it outlives them; the environment is the newest configuration's.
struct JobTools
{
    replica::ITokenSource &tokens;
    state::Members &members;
    state::Accounts &accounts;
    state::Findings &findings;
    state::Conflicts &conflicts;
    Delivery &delivery;
    Throttle &throttle;
    Emptied &emptied;
    Environment *environment = nullptr;
};

} // namespace cring::repair
