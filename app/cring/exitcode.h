// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/error.h"

namespace cring::app {

/// What the command line tells scripts. Documented in the manual; a number never changes its meaning.
enum ExitCode : int {
    ExitOk = 0,
    ExitFailed = 1,
    ExitUsage = 2,
    ExitPartly = 3,
    ExitBadConfig = 4,
    ExitNoService = 5,
    ExitFindings = 6,
    ExitNoQuorum = 7,
    ExitNotFound = 10,
    ExitCredentials = 12,
    ExitInterrupted = 130,
};

/// The exit code that an error of the service or the configuration leads to.
ExitCode exitCodeFor(Code code);

} // namespace cring::app
