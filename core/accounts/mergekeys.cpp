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
        for (const MergeState::Server &server : m_state.servers)
            agreeOnTimes(server);
        removeAccountsWithoutKeys();
        rememberSequences();
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
        m_state.gone.returned.erase({current, key.text});
        QList<PublicKey> &keys = m_state.truth[current].keys;
        keys.removeAt(findKey(keys, key.text) - keys.data());
        m_state.owners.remove(key.text);
    }

    void remember(const QByteArray &charmId, const PublicKey &key)
    {
        QByteArray &time = m_state.gone.keys[{charmId, key.text}];
        time = std::max(time, key.createdAt);
        m_state.goneRows.insert(MergeState::rowOf(key.text, time));
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
        if (m_state.isGone(charmId, key) || m_state.isGone(server.seenOwners.value(key.text), key))
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

    /// A row that was met under an account that has given way is the same key all the same.
    void agreeOnTimes(const MergeState::Server &server)
    {
        for (const auto &[charmId, account] : server.now->accounts) {
            for (const PublicKey &key : account.keys) {
                const QByteArray owner = m_state.owners.value(key.text);
                if (!owner.isEmpty() && !server.holds.keys.contains(key.text) &&
                    !m_state.isGone(server, charmId, key))
                    agreeOnTime(m_state.truth[owner], key);
            }
        }
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
        const QByteArray gives = keepHere ? there : here;
        for (PublicKey &key : m_state.truth[gives].keys)
            m_state.brought[key.text].encryptKeys = std::exchange(key.encryptKeys, {});
        mergeInto(gives, keepHere ? here : there);
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

    /// A server that was away may have handed out numbers that nobody had heard of when the account went.
    void rememberSequences()
    {
        for (const MergeState::Server &server : m_state.servers) {
            for (const auto &[charmId, account] : server.now->accounts) {
                const auto gone = m_state.gone.accounts.find(charmId);
                if (gone == m_state.gone.accounts.end())
                    continue;
                for (const auto &[name, value] : account.sequences) {
                    quint64 &highest = gone->second.sequences[name];
                    highest = std::max(highest, value);
                }
            }
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

    MergeState &m_state;
    const FileProbe &m_hasFiles;
    QSet<QByteArray> m_lost; ///< Accounts that a server's clients took away.
    std::vector<Conflict> m_conflicts;
};

} // namespace

void mergeKeys(MergeState &state, const FileProbe &hasFiles)
{
    KeyMerge(state, hasFiles).run();
}

} // namespace cring::accounts
