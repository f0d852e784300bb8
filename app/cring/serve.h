// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/load.h"

namespace cring::app {

/// Runs the service until it is told to end, with a QCoreApplication there. `check`: only reads the configuration and
/// says what is wrong with it. Returns the exit code.
int runServe(const config::Sources &sources, bool check);

} // namespace cring::app
