// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/base/secret.h"

namespace cring::app {

/// Standard input to its end, `most` bytes of it. By read(2), without the buffer of the standard library,
/// which nobody would wipe. SecretUnreadable.
Result<Secret> readStandardInput(qsizetype most);

} // namespace cring::app
