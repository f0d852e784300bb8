// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/mergestate.h"

#include <algorithm>

namespace cring::accounts {

namespace {

class KeyMerge
{
public:
    KeyMerge(MergeState &state, const FileProbe &hasFiles)
        : m_state(state)
        , m_hasFiles(hasFiles)
    {
        for (const auto &[place, time] : state.gone.keys)
            m_goneRows.insert(rowOf(place.key, time));
    }

    void run()
    {
        adoptAccounts();
        carryMergesOver();
        carryUnlinksOver();
        for (MergeState::Server &server : m_state.servers)
            adoptKeys(server);
        for (const Conflict &conflict : m_conflicts)
            settleConflict(conflict);
        removeAccountsWithoutKeys();
        for (const MergeState::Server &server : m_state.servers)
            adoptEncryptKeys(server);
    }

private:
    /// A server's account has a key that opens another one elsewhere: somebody logged in there while it did
    /// not know the key.
    struct Conflict
    {
        MergeState::Server *server;
        QByteArray key;
        QByteArray charmId;
    };

    void adoptAccounts()
    {
        for (const MergeState::Server &server : m_state.servers) {
            for (const auto &[charmId, account] : server.now->accounts) {
                if (!m_state.gone.accounts.contains(charmId))
                    m_state.truth[charmId].charmId = charmId;
            }
        }
    }

    /// An account that is not there any more, and whose keys open another: `charm link` made one of two.
    void carryMergesOver()
    {
        for (const MergeState::Server &server : m_state.servers) {
            if (!server.comparable())
                continue;
            for (const auto &[charmId, account] : *server.comparable()) {
                if (server.now->accounts.contains(charmId))
                    continue;
                const auto moved =
                    std::find_if(account.keys.begin(), account.keys.end(),
                                 [&](const PublicKey &key) { return isStillThere(server, key); });
                if (moved != account.keys.end())
                    mergeInto(charmId, alive(server.nowOwners.value(moved->text)));
                else
                    m_lost.insert(charmId);
            }
        }
    }

    /// A younger one was unlinked, and made an account of its own when its owner logged in again.
    static bool isStillThere(const MergeState::Server &server, const PublicKey &key)
    {
        const Account *owner = accountIn(server.now->accounts, server.nowOwners.value(key.text));
        const PublicKey *now = owner ? findKey(owner->keys, key.text) : nullptr;
        return now && now->createdAt <= key.createdAt;
    }

    /// What has become of an account that a server has: should that be nothing, it lives again; "" for one
    /// that was disabled.
    QByteArray alive(const QByteArray &charmId)
    {
        if (m_state.gone.isDisabled(charmId))
            return {};
        const QByteArray account = m_state.gone.livesOnAs(charmId);
        if (!account.isEmpty())
            return account;
        revive(charmId);
        return charmId;
    }

    void mergeInto(const QByteArray &charmId, const QByteArray &into)
    {
        const auto from = m_state.truth.find(charmId);
        const auto to = m_state.truth.find(into);
        if (from == m_state.truth.end() || to == m_state.truth.end() || from == to)
            return;
        for (const PublicKey &key : from->second.keys) {
            insertKey(to->second.keys, key);
            m_state.owners.insert(key.text, into);
        }
        m_state.gone.accounts[charmId] = {into, sequencesOf(charmId)};
        m_state.truth.erase(from);
        // What was unlinked from it stays so, under whichever of the two an old copy shows it.
        const auto first = m_state.gone.keys.lower_bound({charmId, {}});
        for (auto place = first; place != m_state.gone.keys.end() && place->first.charmId == charmId; ++place)
            remember(into, {place->first.key, place->second, {}});
    }

    Sequences sequencesOf(const QByteArray &charmId) const
    {
        Sequences highest;
        const auto take = [&](const AccountSet &accounts) {
            if (const Account *account = accountIn(accounts, charmId)) {
                for (const auto &[name, value] : account->sequences)
                    highest[name] = std::max(highest[name], value);
            }
        };
        take(m_state.truth);
        for (const MergeState::Server &server : m_state.servers)
            take(server.now->accounts);
        return highest;
    }

    void carryUnlinksOver()
    {
        for (const MergeState::Server &server : m_state.servers) {
            if (!server.comparable())
                continue;
            for (const auto &[charmId, account] : *server.comparable()) {
                for (const PublicKey &key : account.keys) {
                    if (!isStillThere(server, key))
                        unlink(charmId, key);
                }
            }
        }
    }

    void unlink(const QByteArray &charmId, const PublicKey &key)
    {
        const QByteArray current = m_state.gone.livesOnAs(charmId);
        remember(charmId, key);
        if (current.isEmpty() || m_state.owners.value(key.text) != current)
            return;
        remember(current, key);
        QList<PublicKey> &keys = m_state.truth[current].keys;
        keys.removeAt(findKey(keys, key.text) - keys.data());
        m_state.owners.remove(key.text);
    }

    void remember(const QByteArray &charmId, const PublicKey &key)
    {
        QByteArray &time = m_state.gone.keys[{charmId, key.text}];
        time = std::max(time, key.createdAt);
        m_goneRows.insert(rowOf(key.text, time));
    }

    static QByteArray rowOf(const QByteArray &key, const QByteArray &time) { return key + '\n' + time; }

    /// Unlinked there, or in one of the accounts that have become of it. What was made in the same second is
    /// the same row, whatever account it was in.
    bool isGone(QByteArray charmId, const PublicKey &key) const
    {
        if (m_goneRows.contains(rowOf(key.text, key.createdAt)))
            return true;
        for (size_t steps = 0; steps <= m_state.gone.accounts.size() && !charmId.isEmpty(); ++steps) {
            const auto found = m_state.gone.keys.find({charmId, key.text});
            if (found != m_state.gone.keys.end() && key.createdAt <= found->second)
                return true;
            const auto merged = m_state.gone.accounts.find(charmId);
            charmId = merged == m_state.gone.accounts.end() ? QByteArray() : merged->second.into;
        }
        return false;
    }

    void adoptKeys(MergeState::Server &server)
    {
        for (const auto &[charmId, account] : server.now->accounts) {
            const Account *before = server.comparable() ? accountIn(*server.comparable(), charmId) : nullptr;
            for (const PublicKey &key : account.keys) {
                const PublicKey *known = before ? findKey(before->keys, key.text) : nullptr;
                // One that was unlinked and linked again between two rounds is younger.
                if (!known || key.createdAt > known->createdAt)
                    adoptKey(server, charmId, key);
            }
        }
    }

    void adoptKey(MergeState::Server &server, const QByteArray &charmId, const PublicKey &key)
    {
        // Whoever moved it may not have known that it was unlinked where it was before.
        if (isGone(charmId, key) || isGone(server.seenOwners.value(key.text), key))
            return;
        const QByteArray account = alive(charmId);
        if (account.isEmpty())
            return;
        const QByteArray current = m_state.owners.value(key.text);
        if (current.isEmpty()) {
            insertKey(m_state.truth[account].keys, {key.text, key.createdAt, {}});
            m_state.owners.insert(key.text, account);
        } else if (current == account) {
            agreeOnTime(m_state.truth[account], key);
        } else if (wasMoved(server, key.text, current)) {
            QList<PublicKey> &keys = m_state.truth[current].keys;
            PublicKey *moved = findKey(keys, key.text);
            insertKey(m_state.truth[account].keys, *moved);
            keys.removeAt(moved - keys.data());
            m_state.owners.insert(key.text, account);
        } else if (!isOlder(server, key.text, current)) {
            m_conflicts.push_back({&server, key.text, charmId});
        }
    }

    /// Its last key was unlinked on one server while another one got a further key that nobody has unlinked.
    void revive(const QByteArray &charmId)
    {
        Account account;
        account.charmId = charmId;
        account.sequences = m_state.gone.accounts.at(charmId).sequences;
        m_state.gone.accounts.erase(charmId);
        m_state.truth[charmId] = std::move(account);
    }

    bool wasMoved(const MergeState::Server &server, const QByteArray &key, const QByteArray &current) const
    {
        const QByteArray before = server.comparable() ? server.seenOwners.value(key) : QByteArray();
        return !before.isEmpty() && m_state.gone.livesOnAs(before) == current;
    }

    bool isOlder(const MergeState::Server &server, const QByteArray &key, const QByteArray &current) const
    {
        return server.trust == Trust::SetBack && server.seenOwners.value(key) == current;
    }

    /// The earliest: older rows that are others, of before the key was unlinked, have been told apart.
    static void agreeOnTime(Account &account, const PublicKey &key)
    {
        PublicKey *known = findKey(account.keys, key.text);
        if (!key.createdAt.isEmpty() && (known->createdAt.isEmpty() || key.createdAt < known->createdAt))
            known->createdAt = key.createdAt;
    }

    /// Nobody has done anything with it that would be missed.
    bool isBlank(const QByteArray &charmId) const
    {
        const auto used = [&](const AccountSet &accounts) {
            const Account *account = accountIn(accounts, charmId);
            return account && !(account->name.isEmpty() && account->email.isEmpty() &&
                                account->bio.isEmpty() && account->sequences.empty());
        };
        if (used(m_state.truth))
            return false;
        for (const MergeState::Server &server : m_state.servers) {
            if (used(server.now->accounts))
                return false;
        }
        return m_hasFiles && !m_hasFiles(charmId);
    }

    QByteArray madeAt(const QByteArray &charmId) const
    {
        QByteArray earliest = m_state.truth.at(charmId).createdAt;
        for (const MergeState::Server &server : m_state.servers) {
            const Account *account = accountIn(server.now->accounts, charmId);
            if (account && !account->createdAt.isEmpty() &&
                (earliest.isEmpty() || account->createdAt < earliest))
                earliest = account->createdAt;
        }
        return earliest;
    }

    void settleConflict(const Conflict &conflict)
    {
        // An earlier one may have settled it.
        const QByteArray here = m_state.gone.livesOnAs(conflict.charmId);
        const QByteArray there = m_state.owners.value(conflict.key);
        if (here.isEmpty() || there.isEmpty() || here == there)
            return;
        const bool hereIsBlank = isBlank(here);
        const bool thereIsBlank = isBlank(there);
        if (!hereIsBlank && !thereIsBlank) {
            conflict.server->holds.keys.insert(conflict.key, here);
            m_state.clashes.push_back({Clash::Kind::KeyInTwoAccounts,
                                       fingerprint(conflict.key),
                                       {there, here},
                                       {conflict.server->now->id}});
            return;
        }
        const bool keepHere = hereIsBlank != thereIsBlank
                                  ? thereIsBlank
                                  : std::pair(madeAt(here), here) < std::pair(madeAt(there), there);
        mergeInto(keepHere ? there : here, keepHere ? here : there);
    }

    void removeAccountsWithoutKeys()
    {
        std::vector<QByteArray> without;
        for (const auto &[charmId, account] : m_state.truth) {
            if (account.keys.isEmpty() && !hasHeldKey(charmId) &&
                (m_lost.contains(charmId) || hadKeys(charmId)))
                without.push_back(charmId);
        }
        for (const QByteArray &charmId : without) {
            m_state.gone.accounts[charmId] = {{}, sequencesOf(charmId)};
            m_state.truth.erase(charmId);
        }
    }

    /// One that never had any was made by hand, and stays.
    bool hadKeys(const QByteArray &charmId) const
    {
        const auto has = [&](const AccountSet &accounts) {
            const Account *account = accountIn(accounts, charmId);
            return account && !account->keys.isEmpty();
        };
        return has(m_state.base.accounts) ||
               std::any_of(m_state.servers.begin(), m_state.servers.end(),
                           [&](const MergeState::Server &server) { return has(server.now->accounts); });
    }

    bool hasHeldKey(const QByteArray &charmId) const
    {
        return std::any_of(
            m_state.servers.begin(), m_state.servers.end(),
            [&](const MergeState::Server &server) { return server.holds.keys.values().contains(charmId); });
    }

    void adoptEncryptKeys(const MergeState::Server &server)
    {
        for (const auto &[charmId, account] : server.now->accounts) {
            for (const PublicKey &key : account.keys) {
                const QByteArray owner = m_state.owners.value(key.text);
                if (owner.isEmpty() || server.holds.keys.contains(key.text))
                    continue;
                PublicKey *known = findKey(m_state.truth[owner].keys, key.text);
                // An older row was unlinked since, and its encrypt keys went with it.
                if (known->encryptKeys != key.encryptKeys && key.createdAt >= known->createdAt)
                    adoptEncryptKeys(*known, key);
            }
        }
    }

    void adoptEncryptKeys(PublicKey &known, const PublicKey &key) const
    {
        const Account *base = accountIn(m_state.base.accounts, m_state.baseOwners.value(key.text));
        const PublicKey *baseKey = base ? findKey(base->keys, key.text) : nullptr;
        for (const EncryptKey &encryptKey : key.encryptKeys) {
            EncryptKey *same = findEncryptKey(known.encryptKeys, encryptKey.globalId);
            if (!same) {
                insertEncryptKey(known.encryptKeys, encryptKey);
                continue;
            }
            const EncryptKey *settled =
                baseKey ? findEncryptKey(baseKey->encryptKeys, same->globalId) : nullptr;
            const bool isSettled = settled && !settled->createdAt.isEmpty();
            if (!isSettled && !encryptKey.createdAt.isEmpty() &&
                (same->createdAt.isEmpty() || encryptKey.createdAt < same->createdAt))
                same->createdAt = encryptKey.createdAt;
        }
    }

    MergeState &m_state;
    const FileProbe &m_hasFiles;
    QSet<QByteArray> m_goneRows; ///< Of keys that were unlinked.
    QSet<QByteArray> m_lost;     ///< Accounts that a server's clients took away.
    std::vector<Conflict> m_conflicts;
};

/// Without a time a key is the first in the order by time, and names files: it has to stay the first.
void fillInTimes(AccountSet &accounts)
{
    for (auto &[charmId, account] : accounts) {
        for (qsizetype i = 0; i < account.keys.size(); ++i) {
            const auto lacksTime = [](const EncryptKey &key) {
                return key.createdAt.isEmpty();
            };
            const QList<EncryptKey> &known = std::as_const(account.keys).at(i).encryptKeys;
            if (std::none_of(known.begin(), known.end(), lacksTime))
                continue;
            int number = 0;
            for (EncryptKey &key : account.keys[i].encryptKeys) {
                if (lacksTime(key))
                    key.createdAt =
                        "1970-01-01 00:00:" + QByteArray::number(number++ % 60).rightJustified(2, '0');
            }
        }
    }
}

} // namespace

void mergeKeys(MergeState &state, const FileProbe &hasFiles)
{
    KeyMerge(state, hasFiles).run();
    fillInTimes(state.truth);
}

} // namespace cring::accounts
