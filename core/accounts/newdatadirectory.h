// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountset.h"
#include "core/base/clock.h"
#include "core/charm/serverkey.h"

namespace cring::accounts {

/// Makes the data directory of a Charm server on this machine from accounts and key alone, where no server is
/// left to copy from (ReplicaInit does that). The server that is started on it has the same key and accounts,
/// with the times and encrypt keys that they had; files come later.
///
/// `path`: a folder that is not there, or empty. Blocks. ReplicaTarget when something is there; the node's
/// errors, AccountsFile. What fails takes away what it has made so far.
Status makeDataDirectory(const QString &path, const charm::ServerKey &key, const AccountSet &accounts,
                         const IClock &clock);

} // namespace cring::accounts
