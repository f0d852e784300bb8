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
    QSet<QByteArray> goneRows; ///< Of gone's keys; rowOf().
    /// By keys' texts: encrypt keys of accounts that gave way to another one that the key opens.
    std::map<QByteArray, PublicKey> brought;
    std::map<QByteArray, std::map<QByteArray, QByteArray>> disputedNames;
    std::vector<Clash> clashes;

    static QByteArray rowOf(const QByteArray &key, const QByteArray &time) { return key + '\n' + time; }
    /// Unlinked there, or in one of the accounts that have become of it. What was made in the same second is
    /// the same row, whatever account it was in.
    bool isGone(QByteArray charmId, const PublicKey &key) const;
    /// The same of a server's row, wherever it was and belongs now.
    bool isGone(const Server &server, const QByteArray &charmId, const PublicKey &key) const;
    /// Of before the key was unlinked and linked again: another row, whose encrypt keys went with it. Nothing
    /// else makes one another: a row that is merely older may be a used account's.
    bool isOther(const Server &server, const QByteArray &charmId, const PublicKey &key) const;
};

/// Which accounts there are, and which keys open them.
void mergeKeys(MergeState &state, const FileProbe &hasFiles);
/// Which encrypt keys they have; after mergeKeys().
void mergeEncryptKeys(MergeState &state);
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
