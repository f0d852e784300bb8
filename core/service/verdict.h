// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/snapshot.h"

namespace cring::service {

/// Fills in what follows from the rest of the snapshot: health, verdict and writesPossible. A pure function
/// of its backends, quorum, findings, draining, takenMs and what stands against writing.
///
/// A server counts as usable as health::Backend::usable() has it: neither down nor misconfigured, and its
/// breaker not open. One that was not probed yet is usable, but nobody says "well" of a ring that has not
/// been looked at.
void judge(control::Snapshot &snapshot);

} // namespace cring::service
