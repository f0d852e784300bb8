// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/node.h"

namespace cring::accounts {

class SshConnection;

/// Runs a program on the other machine and waits for it; INode::run() has the rules. The connection is broken
/// afterwards when time was over, for a program there cannot be ended in another way.
Result<NodeOutcome> runRemotely(const NodeCommand &command, SshConnection &connection);

} // namespace cring::accounts
