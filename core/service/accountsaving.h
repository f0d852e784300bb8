// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountkeeper.h"
#include "core/backup/snapshotkeeper.h"
#include "core/ssh/tokens.h"
#include "core/state/floors.h"

namespace cring::service {

/// Where a snapshot of the accounts comes from. All of it outlives whoever gathers.
struct AccountSources
{
    accounts::AccountKeeper &keeper;
    ssh::Tokens &tokens;
    const state::Floors &floors;
};

/// What is known of the accounts now, from the event loop; `fresh`: after a round at the servers. Where no
/// server's data directory is within reach: the person's own account, as a login with their identity tells
/// it. TokenUnavailable, NotFound: why it is nothing that could be saved, in words.
void gatherAccounts(const AccountSources &sources, bool fresh, QObject *context,
                    const backup::SnapshotKeeper::Taken &taken);

/// What a snapshot has of the accounts, as AccountKeeper's file has it. SnapshotInvalid.
Result<accounts::Synchronised> accountsIn(const backup::AccountSnapshot &snapshot);

} // namespace cring::service
