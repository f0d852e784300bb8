// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/output.h"
#include "core/config/load.h"

namespace cring::app {

/// Runs the service until it is told to stop; gives the exit code. What was loaded is good, and its warnings
/// have been said. sources is what it was loaded from: a reload reads it again.
int runServe(const config::Loaded &loaded, const config::Sources &sources, const Output &out);

} // namespace cring::app
