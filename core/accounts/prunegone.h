// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/synchronised.h"

#include <chrono>

namespace cring::accounts {

/// Forgets what has done its work of what people have taken away: what was seen gone longer ago than
/// `keepFor`, and every server that is remembered was last seen without. What an operator disabled is never
/// forgotten, nor an account that another one that is gone became part of. `now`: since 1970, UTC. Notes when
/// what it has not met yet was first seen, so it has to be called now and then; costs the length of the list.
/// With allHeard false (some server took no part) nothing is forgotten.
void pruneGone(Synchronised &state, std::chrono::milliseconds now, std::chrono::milliseconds keepFor,
               bool allHeard);

} // namespace cring::accounts
