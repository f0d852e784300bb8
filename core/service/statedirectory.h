// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

namespace cring::service {

/// The folder for what the service remembers: $STATE_DIRECTORY as a system service, else
/// $XDG_STATE_HOME/charmedring, else ~/.local/state/charmedring. Made with mode 0700 when it is not there.
Result<QString> stateDirectory();
/// The same, whether it is there or not.
QString stateDirectoryPath();

} // namespace cring::service
