// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/mergestate.h"

namespace cring::accounts {

namespace {

using Kind = Change::Kind;

class Difference
{
public:
    Difference(const MergeState &state, const MergeState::Server &server)
        : m_state(state)
        , m_server(server)
        , m_now(server.now->accounts)
    {
        for (const auto &[charmId, field] : server.holds.fields) {
            const Account *account = accountIn(m_now, charmId);
            if (account && field == Field::Name)
                m_heldNames.insert(account->name.toLower());
        }
        while (!m_heldNames.isEmpty() && holdMoreNames()) {
        }
    }

    std::vector<ChangeUnit> run()
    {
        moveAndRemoveKeys();
        for (const auto &[charmId, account] : m_now) {
            if (!m_state.truth.contains(charmId))
                m_first.push_back({Kind::RemoveAccount, charmId});
        }
        for (const auto &[charmId, account] : m_state.truth) {
            const Account *now = accountIn(m_now, charmId);
            if (!now)
                addAccount(account);
            else if (*now != account)
                changeAccount(*now, account);
        }
        if (!m_first.empty())
            m_units.insert(m_units.begin(), std::move(m_first));
        return std::move(m_units);
    }

private:
    /// Who cannot have the new name here keeps the old one, which nobody else can have then.
    bool holdMoreNames()
    {
        bool more = false;
        for (const auto &[charmId, account] : m_state.truth) {
            const Account *now = accountIn(m_now, charmId);
            if (!now || now->name.isEmpty() || now->name == account.name ||
                !m_heldNames.contains(account.name.toLower()) || m_heldNames.contains(now->name.toLower()))
                continue;
            m_heldNames.insert(now->name.toLower());
            more = true;
        }
        return more;
    }

    void moveAndRemoveKeys()
    {
        for (const auto &[charmId, account] : m_now) {
            for (const PublicKey &key : account.keys) {
                const QByteArray owner = m_server.holds.keys.value(key.text, m_state.owners.value(key.text));
                const bool goes = owner.isEmpty() || isOther(charmId, key);
                if (owner == charmId && !goes)
                    continue;
                Change change{goes ? Kind::RemoveKey : Kind::MoveKey, goes ? charmId : owner};
                change.key = key.text;
                change.createdAt = key.createdAt;
                if (!goes)
                    change.from = charmId;
                m_receiving.insert(owner);
                m_first.push_back(std::move(change));
            }
        }
    }

    bool isOther(const QByteArray &charmId, const PublicKey &key) const
    {
        return !isHeld(key.text) && m_state.isOther(m_server, charmId, key);
    }

    bool isHeld(const QByteArray &key) const { return m_server.holds.keys.contains(key); }

    bool isHeld(const QByteArray &charmId, Field field) const
    {
        return m_server.holds.fields.contains({charmId, field});
    }

    void addAccount(const Account &account)
    {
        ChangeUnit unit;
        Change change{Kind::AddAccount, account.charmId};
        change.email = account.email;
        change.bio = account.bio;
        change.createdAt = account.createdAt;
        unit.push_back(std::move(change));
        setName({}, account, unit);
        addKeysAndSequences({}, account, unit);
        keep(std::move(unit), account.charmId);
    }

    /// What takes a key over goes with the key.
    void keep(ChangeUnit unit, const QByteArray &charmId)
    {
        if (unit.empty())
            return;
        if (m_receiving.contains(charmId))
            m_first.insert(m_first.end(), unit.begin(), unit.end());
        else
            m_units.push_back(std::move(unit));
    }

    void changeAccount(const Account &now, const Account &account)
    {
        // Names may go round in a circle, and be those of accounts that are removed.
        setName(now, account, m_first);
        ChangeUnit unit;
        const auto set = [&](Kind kind, const QByteArray &from, const QByteArray &to) {
            if (from != to)
                unit.push_back(fromTo(kind, account.charmId, from, to));
        };
        if (!isHeld(account.charmId, Field::Email))
            set(Kind::SetEmail, now.email, account.email);
        if (!isHeld(account.charmId, Field::Bio))
            set(Kind::SetBio, now.bio, account.bio);
        set(Kind::SetCreatedAt, now.createdAt, account.createdAt);
        addKeysAndSequences(now, account, unit);
        keep(std::move(unit), account.charmId);
    }

    static Change fromTo(Kind kind, const QByteArray &charmId, const QByteArray &from, const QByteArray &to)
    {
        Change change{kind, charmId};
        change.from = from;
        change.to = to;
        return change;
    }

    void setName(const Account &now, const Account &account, ChangeUnit &unit) const
    {
        if (now.name != account.name && !isHeld(account.charmId, Field::Name) &&
            !m_heldNames.contains(account.name.toLower()))
            unit.push_back(fromTo(Kind::SetName, account.charmId, now.name, account.name));
    }

    void addKeysAndSequences(const Account &now, const Account &account, ChangeUnit &unit) const
    {
        if (now.keys != account.keys) {
            for (const PublicKey &key : account.keys) {
                if (!isHeld(key.text))
                    addKey(account.charmId, key, unit);
            }
        }
        for (const auto &[name, value] : account.sequences) {
            const auto found = now.sequences.find(name);
            if (found != now.sequences.end() && found->second >= value)
                continue;
            Change change{Kind::RaiseSequence, account.charmId};
            change.to = name;
            change.sequence = value;
            unit.push_back(std::move(change));
        }
    }

    void addKey(const QByteArray &charmId, const PublicKey &key, ChangeUnit &unit) const
    {
        const Account *holder = accountIn(m_now, m_server.nowOwners.value(key.text));
        const PublicKey *now = holder ? findKey(holder->keys, key.text) : nullptr;
        if (now && isOther(holder->charmId, *now))
            now = nullptr;
        if (now && *now == key)
            return;
        const auto push = [&](Change change) {
            change.key = key.text;
            unit.push_back(std::move(change));
        };
        if (!now) {
            Change change{Kind::AddKey, charmId};
            change.createdAt = key.createdAt;
            push(std::move(change));
        } else if (now->createdAt != key.createdAt) {
            push(fromTo(Kind::SetKeyTime, charmId, now->createdAt, key.createdAt));
        }
        for (const EncryptKey &encryptKey : key.encryptKeys) {
            const EncryptKey *same = now ? findEncryptKey(now->encryptKeys, encryptKey.globalId) : nullptr;
            if (same && same->createdAt == encryptKey.createdAt)
                continue;
            // What is sealed differently opens to the same: it was sealed twice.
            Change change =
                fromTo(same ? Kind::SetEncryptKeyTime : Kind::AddEncryptKey, charmId,
                       same ? same->createdAt : QByteArray(), same ? encryptKey.createdAt : QByteArray());
            change.globalId = encryptKey.globalId;
            if (!same) {
                change.sealed = encryptKey.sealed;
                change.createdAt = encryptKey.createdAt;
            }
            push(std::move(change));
        }
    }

    const MergeState &m_state;
    const MergeState::Server &m_server;
    const AccountSet &m_now;
    QSet<QByteArray> m_heldNames; ///< Of accounts that keep them here alone; lower case.
    QSet<QByteArray> m_receiving; ///< Accounts to which a key goes.
    ChangeUnit m_first;           ///< What hangs together across accounts.
    std::vector<ChangeUnit> m_units;
};

} // namespace

std::vector<ChangeUnit> difference(const MergeState &state, const MergeState::Server &server)
{
    return Difference(state, server).run();
}

} // namespace cring::accounts
