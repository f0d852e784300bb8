// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/chaos/chaos.h"

namespace cring::chaos {

/// What a run was: counts, kills, and for each breach the history of its path.
QByteArray report(const ChaosOptions &options, const Findings &findings);

/// The faults, and the first operations of each client.
QByteArray planText(const ChaosOptions &options);

} // namespace cring::chaos
