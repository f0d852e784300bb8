// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/config/problem.h"

#include <optional>

namespace cring::app {

/// What is wrong with identity.server_key, as far as files on this machine tell: it is no server's key, or a
/// server whose data directory lies here has another one. Nothing for a key that the keychain has. Asks no
/// server; blocks for a few small files.
std::optional<config::Problem> judgeServerKey(const config::Config &config);

} // namespace cring::app
