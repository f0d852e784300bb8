// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/node.h"

#include <stop_token>

namespace cring {
class IClock;
} // namespace cring

namespace cring::accounts {

/// Runs a program on this machine and waits for it; INode::run() has the rules. When time is over, or it is
/// called off, it is killed with all that it started.
Result<NodeOutcome> runLocally(const NodeCommand &command, const IClock &clock, const std::stop_token &stop);

} // namespace cring::accounts
