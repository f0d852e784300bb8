// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/nodefactory.h"

#include "core/accounts/localnode.h"
#include "core/accounts/sshnode.h"

namespace cring::accounts {

std::unique_ptr<INode> makeNode(const config::NodePlace &place, const SshAccess &access, const IClock &clock,
                                const std::stop_token &stop)
{
    if (place.isLocal())
        return std::make_unique<LocalNode>(place, clock, stop);
    return std::make_unique<SshNode>(place, access, clock, stop);
}

} // namespace cring::accounts
