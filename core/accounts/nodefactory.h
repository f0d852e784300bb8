// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/node.h"
#include "core/accounts/sshaccess.h"

#include <memory>
#include <stop_token>

namespace cring {
class IClock;
} // namespace cring

namespace cring::accounts {

/// The node of a place. Nothing is opened before it is used. The clock outlives it.
std::unique_ptr<INode> makeNode(const config::NodePlace &place, const SshAccess &access, const IClock &clock,
                                const std::stop_token &stop);

} // namespace cring::accounts
