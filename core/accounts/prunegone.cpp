// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/prunegone.h"

#include <algorithm>

namespace cring::accounts {

namespace {

/// When each was first seen; what came back is forgotten.
void note(const Gone &gone, GoneSince &since, qint64 now)
{
    std::erase_if(since.keys, [&](const auto &entry) {
        const auto still = gone.keys.find(entry.first);
        // Linked again and unlinked again: another row.
        return still == gone.keys.end() || still->second != entry.second.createdAt;
    });
    for (const auto &[place, createdAt] : gone.keys)
        since.keys.try_emplace(place, GoneSince::Key{createdAt, now});
    std::erase_if(since.accounts, [&](const auto &entry) { return !gone.accounts.contains(entry.first); });
    for (const auto &entry : gone.accounts)
        since.accounts.try_emplace(entry.first, now);
}

/// The rows that servers were last seen with, of all that matters here.
struct Rows
{
    std::set<QByteArray> accounts;
    std::map<QByteArray, QByteArray> oldest; ///< When the oldest row of a key was made, by its text.
};

Rows rowsOf(const Synchronised &state)
{
    Rows rows;
    for (const auto &server : state.servers) {
        for (const auto &[charmId, account] : server.second.accounts) {
            if (!state.accounts.contains(charmId))
                rows.accounts.insert(charmId);
            for (const PublicKey &key : account.keys) {
                const auto [known, isNew] = rows.oldest.try_emplace(key.text, key.createdAt);
                if (!isNew)
                    known->second = std::min(known->second, key.createdAt);
            }
        }
    }
    return rows;
}

void pruneKeys(Gone &gone, const GoneSince &since, const std::set<QByteArray> &disabled, const Rows &rows,
               qint64 before)
{
    std::erase_if(gone.keys, [&](const auto &entry) {
        const auto &[place, createdAt] = entry;
        if (disabled.contains(place.charmId) || since.keys.at(place).since >= before)
            return false;
        const auto row = rows.oldest.find(place.key);
        return row == rows.oldest.end() || row->second > createdAt;
    });
    std::set<QByteArray> left;
    for (const auto &entry : gone.keys)
        left.insert(entry.first.key);
    std::erase_if(gone.returned, [&](const Gone::KeyPlace &place) { return !left.contains(place.key); });
}

void pruneAccounts(Gone &gone, const GoneSince &since, const std::set<QByteArray> &disabled, const Rows &rows,
                   qint64 before)
{
    std::set<QByteArray> successors;
    for (const auto &entry : gone.accounts)
        successors.insert(entry.second.into);
    std::erase_if(gone.accounts, [&](const auto &entry) {
        const QByteArray &charmId = entry.first;
        return !disabled.contains(charmId) && since.accounts.at(charmId) < before &&
               !rows.accounts.contains(charmId) && !successors.contains(charmId);
    });
}

} // namespace

void pruneGone(Synchronised &state, std::chrono::milliseconds now, std::chrono::milliseconds keepFor,
               bool allHeard)
{
    note(state.gone, state.goneSince, now.count());
    if (!allHeard)
        return;
    const qint64 before = (now - keepFor).count();
    const GoneSince &since = state.goneSince;
    const bool any = std::any_of(since.keys.begin(), since.keys.end(),
                                 [&](const auto &entry) { return entry.second.since < before; }) ||
                     std::any_of(since.accounts.begin(), since.accounts.end(),
                                 [&](const auto &entry) { return entry.second < before; });
    if (!any)
        return;
    const std::set<QByteArray> disabled = state.gone.allDisabled();
    const Rows rows = rowsOf(state);
    pruneKeys(state.gone, since, disabled, rows, before);
    pruneAccounts(state.gone, since, disabled, rows, before);
    note(state.gone, state.goneSince, now.count());
}

} // namespace cring::accounts
