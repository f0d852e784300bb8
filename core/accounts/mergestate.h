// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/merge.h"

namespace cring::accounts {

/// What the steps of a merge hand on to one another. Lives as long as one merge().
struct MergeState
{
    struct Server
    {
        const ServerState *now = nullptr;
        const Seen *seen = nullptr; ///< Null: never seen.
        Trust trust = Trust::New;
        KeyOwners nowOwners;
        KeyOwners seenOwners;
        Holds holds;

        /// What a difference to it means that the server's clients have done; null where it does not.
        const AccountSet *comparable() const { return trust == Trust::Continued ? &seen->accounts : nullptr; }
    };

    const Synchronised &base;
    std::vector<Server> servers;
    AccountSet truth;     ///< What all are to hold; grows out of the base.
    KeyOwners owners;     ///< Of truth's keys.
    KeyOwners baseOwners; ///< Of the base's.
    Gone gone;
    std::map<QByteArray, std::map<QByteArray, QByteArray>> disputedNames;
    std::vector<Clash> clashes;
};

/// Which accounts there are, and which keys open them.
void mergeKeys(MergeState &state, const FileProbe &hasFiles);
/// What the accounts are called and have come to; after mergeKeys().
void mergeFields(MergeState &state);
/// What has to be done to one server.
std::vector<ChangeUnit> difference(const MergeState &state, const MergeState::Server &server);

/// Null where there is none.
inline const Account *accountIn(const AccountSet &accounts, const QByteArray &charmId)
{
    const auto found = accounts.find(charmId);
    return found == accounts.end() ? nullptr : &found->second;
}

} // namespace cring::accounts
