// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/command.h"

namespace cring::app {

/// `cring config export` and `cring config import`: a configuration goes to another machine, with its secrets
/// behind a passphrase if they are to go with it.
void addConfigTransfer(CLI::App &family, Context &context);

} // namespace cring::app
