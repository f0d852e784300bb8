// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/merge.h"

#include <algorithm>

namespace cring::accounts {

namespace {

/// Nobody unlinks the last keys of so many accounts between two rounds, if it is more than this share of all.
constexpr size_t kManyAccounts = 3;
constexpr size_t kLargeShare = 4;

/// Charm counts up, and never forgets a sequence of an account that is there.
bool sequencesWentBack(const AccountSet &now, const AccountSet &seen)
{
    return std::any_of(seen.begin(), seen.end(), [&](const auto &entry) {
        const auto account = now.find(entry.first);
        if (account == now.end())
            return false;
        const Sequences &current = account->second.sequences;
        return std::any_of(entry.second.sequences.begin(), entry.second.sequences.end(),
                           [&](const auto &sequence) {
                               const auto found = current.find(sequence.first);
                               return found == current.end() || found->second < sequence.second;
                           });
    });
}

/// The file of another server took its place: their change counters say nothing about each other.
bool isAnotherFile(const RowNumbers &now, const RowNumbers &seen)
{
    for (auto row = seen.begin(); row != seen.end(); ++row) {
        if (now.value(row.key(), row.value()) != row.value())
            return true;
    }
    return false;
}

/// What is no longer there: keys that open no account, and accounts.
struct Losses
{
    QSet<QByteArray> charmIds; ///< Of all that have lost something.
    size_t accounts = 0;
    QByteArray oldest;     ///< When the oldest of what was lost had been made.
    QByteArray newestKept; ///< And the newest of what was not.
};

Losses losses(const AccountSet &now, const AccountSet &seen)
{
    const KeyOwners owners = keyOwners(now);
    Losses found;
    const auto lost = [&](const QByteArray &charmId, const QByteArray &time) {
        found.charmIds.insert(charmId);
        if (found.oldest.isEmpty() || time < found.oldest)
            found.oldest = time;
    };
    const auto kept = [&](const QByteArray &time) {
        found.newestKept = std::max(found.newestKept, time);
    };
    for (const auto &[charmId, account] : seen) {
        bool keysMoved = false;
        for (const PublicKey &key : account.keys) {
            keysMoved |= owners.contains(key.text);
            if (owners.contains(key.text))
                kept(key.createdAt);
            else
                lost(charmId, key.createdAt);
        }
        if (now.contains(charmId)) {
            kept(account.createdAt);
        } else if (!keysMoved) {
            ++found.accounts;
            lost(charmId, account.createdAt);
        }
    }
    return found;
}

} // namespace

Trust judge(const ServerState &now, const Seen *seen)
{
    if (!seen)
        return Trust::New;
    const bool counted = now.changeCounter != 0 && seen->changeCounter != 0;
    if (counted && now.changeCounter < seen->changeCounter)
        return Trust::SetBack;
    if (now.accounts == seen->accounts)
        return Trust::Continued;
    if ((now.accounts.empty() && !seen->accounts.empty()) || sequencesWentBack(now.accounts, seen->accounts))
        return Trust::SetBack;
    if (isAnotherFile(now.rows, seen->rows))
        return Trust::SetBack;
    const Losses lost = losses(now.accounts, seen->accounts);
    // Nobody has written to the file since.
    if (counted && now.changeCounter == seen->changeCounter && !lost.charmIds.isEmpty())
        return Trust::SetBack;
    const bool many = lost.accounts > kManyAccounts && lost.accounts > seen->accounts.size() / kLargeShare;
    // An older copy lacks what is newest, of whomever it is; a person unlinks this or that of one account.
    // Where the counter cannot tell an older copy (WAL mode), the newest of one is doubtful too.
    const bool newest = lost.charmIds.size() > (counted ? 1 : 0) && lost.oldest > lost.newestKept;
    return many || newest ? Trust::SetBack : Trust::Continued;
}

} // namespace cring::accounts
