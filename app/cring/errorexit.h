// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/exitcode.h"
#include "core/base/error.h"

namespace cring::app {

/// What an error of the service or the configuration ends the program with.
ExitCode exitCodeFor(Code code);

/// "it cannot be read (CR-1001)"; as it is where the words name a code already.
QString withCode(const Error &error);

} // namespace cring::app
