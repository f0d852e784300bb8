// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/mergestate.h"

#include <algorithm>

namespace cring::accounts {

namespace {

class FieldMerge
{
public:
    explicit FieldMerge(MergeState &state)
        : m_state(state)
    {
    }

    void run()
    {
        for (auto &[charmId, account] : m_state.truth) {
            for (const Field field : {Field::Name, Field::Email, Field::Bio})
                mergeField(account, field);
            mergeTime(account);
            mergeSequences(account);
        }
        keepNamesUnique();
    }

private:
    struct Wish
    {
        MergeState::Server *server;
        QByteArray value;
    };

    void mergeField(Account &account, Field field)
    {
        const Account *base = accountIn(m_state.base.accounts, account.charmId);
        const QByteArray before = base ? valueOf(*base, field) : QByteArray();
        const std::vector<Wish> wishes = wishesFor(account.charmId, field, before);
        QByteArray &value = valueOf(account, field);
        value = before;
        if (wishes.empty())
            return;
        if (agree(wishes) && !(field == Field::Name && isDisputedByAbsent(account.charmId))) {
            value = wishes.front().value;
            return;
        }
        const std::vector<Wish> decisions =
            field == Field::Name ? decisionsAmong(account.charmId, wishes) : std::vector<Wish>();
        if (!decisions.empty() && agree(decisions)) {
            value = decisions.front().value;
            return;
        }
        if (value.isEmpty())
            value = wishes.front().value;
        dispute(account, field, wishes);
    }

    static bool agree(const std::vector<Wish> &wishes)
    {
        return std::all_of(wishes.begin(), wishes.end(),
                           [&](const Wish &wish) { return wish.value == wishes.front().value; });
    }

    /// What servers' clients have set. None of them can take a name away, so an empty one says nothing.
    std::vector<Wish> wishesFor(const QByteArray &charmId, Field field, const QByteArray &before)
    {
        std::vector<Wish> wishes;
        for (MergeState::Server &server : m_state.servers) {
            const Account *now = accountIn(server.now->accounts, charmId);
            if (!now || valueOf(*now, field).isEmpty())
                continue;
            const Account *seen = server.comparable() ? accountIn(*server.comparable(), charmId) : nullptr;
            if (seen ? valueOf(*now, field) != valueOf(*seen, field) : before.isEmpty())
                wishes.push_back({&server, valueOf(*now, field)});
        }
        return wishes;
    }

    /// Who is away has not given in.
    bool isDisputedByAbsent(const QByteArray &charmId) const
    {
        const auto disputed = m_state.base.disputedNames.find(charmId);
        if (disputed == m_state.base.disputedNames.end())
            return false;
        return std::any_of(disputed->second.begin(), disputed->second.end(), [&](const auto &reported) {
            return std::none_of(
                m_state.servers.begin(), m_state.servers.end(),
                [&](const MergeState::Server &server) { return server.now->id == reported.first; });
        });
    }

    /// Who was renamed after the dispute was reported.
    std::vector<Wish> decisionsAmong(const QByteArray &charmId, const std::vector<Wish> &wishes) const
    {
        std::vector<Wish> decisions;
        const auto disputed = m_state.base.disputedNames.find(charmId);
        if (disputed == m_state.base.disputedNames.end())
            return decisions;
        for (const Wish &wish : wishes) {
            const auto reported = disputed->second.find(wish.server->now->id);
            if (reported != disputed->second.end() && reported->second != wish.value)
                decisions.push_back(wish);
        }
        return decisions;
    }

    void dispute(const Account &account, Field field, const std::vector<Wish> &wishes)
    {
        Clash clash{Clash::Kind::ChangedTwice,
                    field == Field::Name    ? "name"
                    : field == Field::Email ? "email"
                                            : "bio",
                    {account.charmId},
                    {}};
        for (const Wish &wish : wishes) {
            wish.server->holds.fields.insert({account.charmId, field});
            clash.servers << wish.server->now->id;
            if (field == Field::Name)
                m_state.disputedNames[account.charmId][wish.server->now->id] = wish.value;
        }
        m_state.clashes.push_back(std::move(clash));
    }

    /// The first time that was known stays; of several that are new the earliest.
    void mergeTime(Account &account)
    {
        const Account *base = accountIn(m_state.base.accounts, account.charmId);
        account.createdAt = base ? base->createdAt : QByteArray();
        if (!account.createdAt.isEmpty())
            return;
        for (const MergeState::Server &server : m_state.servers) {
            const Account *now = accountIn(server.now->accounts, account.charmId);
            if (now && !now->createdAt.isEmpty() &&
                (account.createdAt.isEmpty() || now->createdAt < account.createdAt))
                account.createdAt = now->createdAt;
        }
    }

    void mergeSequences(Account &account)
    {
        for (const MergeState::Server &server : m_state.servers) {
            const Account *now = accountIn(server.now->accounts, account.charmId);
            if (!now)
                continue;
            for (const auto &[name, value] : now->sequences) {
                // Also a 0 is one: it has been handed out.
                quint64 &highest = account.sequences[name];
                highest = std::max(highest, value);
            }
        }
    }

    void keepNamesUnique()
    {
        std::map<QByteArray, std::vector<Account *>> byName;
        for (auto &[charmId, account] : m_state.truth) {
            if (!account.name.isEmpty())
                byName[account.name.toLower()].push_back(&account);
        }
        QSet<QByteArray> taken;
        for (const auto &[name, accounts] : byName)
            taken.insert(name);
        for (auto &[name, accounts] : byName) {
            if (accounts.size() > 1)
                settleName(name, accounts, taken);
        }
    }

    void settleName(const QByteArray &name, std::vector<Account *> &accounts, QSet<QByteArray> &taken)
    {
        const auto rank = [&](const Account *account) {
            const Account *base = accountIn(m_state.base.accounts, account->charmId);
            const bool hadIt = base && base->name.toLower() == name;
            return std::tuple(!hadIt, account->createdAt, account->charmId);
        };
        std::sort(accounts.begin(), accounts.end(),
                  [&](const Account *a, const Account *b) { return rank(a) < rank(b); });
        Clash clash{Clash::Kind::NameTaken, accounts.front()->name, {accounts.front()->charmId}, {}};
        for (auto loser = accounts.begin() + 1; loser != accounts.end(); ++loser) {
            Account &account = **loser;
            clash.charmIds << account.charmId;
            for (MergeState::Server &server : m_state.servers) {
                const Account *now = accountIn(server.now->accounts, account.charmId);
                if (now && now->name.toLower() == name) {
                    server.holds.fields.insert({account.charmId, Field::Name});
                    clash.servers << server.now->id;
                }
            }
            const Account *base = accountIn(m_state.base.accounts, account.charmId);
            const QByteArray before = base ? base->name : QByteArray();
            account.name = taken.contains(before.toLower()) ? QByteArray() : before;
            taken.insert(before.toLower());
        }
        m_state.clashes.push_back(std::move(clash));
    }

    MergeState &m_state;
};

} // namespace

void mergeFields(MergeState &state)
{
    FieldMerge(state).run();
}

} // namespace cring::accounts
