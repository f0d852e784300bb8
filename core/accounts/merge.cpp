// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/merge.h"

#include "core/accounts/mergestate.h"
#include "core/base/log.h"

#include <QStringList>

#include <algorithm>

namespace cring::accounts {

namespace {

QString joined(const QList<QByteArray> &names)
{
    QStringList words;
    for (const QByteArray &name : names)
        words << log::oneLine(QString::fromUtf8(name));
    return words.join(QStringLiteral(", "));
}

/// What a server is left with is not taken for seen, so that it is met again in each round until it is
/// settled.
void unseeHolds(AccountSet &accounts, const Holds &holds, const AccountSet *before)
{
    const KeyOwners owners = holds.keys.isEmpty() ? KeyOwners() : keyOwners(accounts);
    for (const QByteArray &key : holds.keys.keys()) {
        const auto account = accounts.find(owners.value(key));
        if (account == accounts.end())
            continue;
        QList<PublicKey> &keys = account->second.keys;
        keys.removeAt(findKey(keys, key) - keys.data());
    }
    for (const auto &[charmId, field] : holds.fields) {
        const auto account = accounts.find(charmId);
        if (account == accounts.end())
            continue;
        const Account *seen = before ? accountIn(*before, charmId) : nullptr;
        valueOf(account->second, field) = seen ? valueOf(*seen, field) : QByteArray();
    }
}

} // namespace

QByteArray &valueOf(Account &account, Field field)
{
    switch (field) {
    case Field::Email:
        return account.email;
    case Field::Bio:
        return account.bio;
    case Field::Name:
        break;
    }
    return account.name;
}

const QByteArray &valueOf(const Account &account, Field field)
{
    return valueOf(const_cast<Account &>(account), field);
}

QString Clash::toString() const
{
    switch (kind) {
    case Kind::NameTaken:
        return QStringLiteral(
                   "the name %1 belongs to account %2, and on %3 to another one (%4): rename one of them "
                   "with `charm name`")
            .arg(joined({subject}), joined(charmIds.mid(0, 1)), joined(servers), joined(charmIds.mid(1)));
    case Kind::ChangedTwice:
        return QStringLiteral("the %1 of account %2 was changed on each of %3, differently: set it once more")
            .arg(joined({subject}), joined(charmIds), joined(servers));
    case Kind::KeyInTwoAccounts:
        return QStringLiteral(
                   "the key %1 opens account %2, and on %3 another one that has been used (%4): make one "
                   "of both with `charm link`, or unlink the key from one")
            .arg(joined({subject}), joined(charmIds.mid(0, 1)), joined(servers), joined(charmIds.mid(1)));
    }
    return {};
}

bool MergeState::isGone(QByteArray charmId, const PublicKey &key) const
{
    if (goneRows.contains(rowOf(key.text, key.createdAt)))
        return true;
    for (size_t steps = 0; steps <= gone.accounts.size() && !charmId.isEmpty(); ++steps) {
        const auto found = gone.keys.find({charmId, key.text});
        if (found != gone.keys.end() && key.createdAt <= found->second)
            return true;
        const auto merged = gone.accounts.find(charmId);
        charmId = merged == gone.accounts.end() ? QByteArray() : merged->second.into;
    }
    return false;
}

bool MergeState::isGone(const Server &server, const QByteArray &charmId, const PublicKey &key) const
{
    return isGone(charmId, key) || isGone(server.seenOwners.value(key.text), key) ||
           isGone(owners.value(key.text), key);
}

bool MergeState::isOther(const Server &server, const QByteArray &charmId, const PublicKey &key) const
{
    const Account *owner = accountIn(truth, owners.value(key.text));
    const PublicKey *known = owner ? findKey(owner->keys, key.text) : nullptr;
    return known && key.createdAt < known->createdAt && isGone(server, charmId, key) &&
           !gone.returned.contains({owner->charmId, key.text});
}

Merged merge(const Synchronised &base, const std::vector<ServerState> &servers, const FileProbe &hasFiles)
{
    MergeState state{base, {}, base.accounts, keyOwners(base.accounts), {}, base.gone, {}, {}, {}, {}};
    state.baseOwners = state.owners;
    for (const auto &[place, time] : base.gone.keys)
        state.goneRows.insert(MergeState::rowOf(place.key, time));
    for (const ServerState &now : servers) {
        const auto known = base.servers.find(now.id);
        MergeState::Server server;
        server.now = &now;
        server.seen = known == base.servers.end() ? nullptr : &known->second;
        server.trust = judge(now, server.seen);
        server.nowOwners = keyOwners(now.accounts);
        if (server.seen)
            server.seenOwners = keyOwners(server.seen->accounts);
        state.servers.push_back(std::move(server));
    }
    mergeKeys(state, hasFiles);
    mergeEncryptKeys(state);
    mergeFields(state);
    // Of servers that are away, it stays as it was reported.
    for (const auto &[charmId, names] : base.disputedNames) {
        const auto still = state.disputedNames.find(charmId);
        if (still != state.disputedNames.end())
            still->second.insert(names.begin(), names.end());
    }
    Merged merged;
    for (const MergeState::Server &server : state.servers)
        merged.plans.push_back({server.now->id, server.trust, difference(state, server), server.holds});
    merged.accounts = std::move(state.truth);
    merged.gone = std::move(state.gone);
    merged.disputedNames = std::move(state.disputedNames);
    merged.clashes = std::move(state.clashes);
    return merged;
}

Synchronised settle(const Synchronised &base, const Merged &merged, const std::vector<ServerState> &servers,
                    const std::vector<std::vector<bool>> &done)
{
    Synchronised next{merged.accounts, merged.gone,   base.servers,  merged.disputedNames,
                      base.serverKey,  base.lastTime, base.goneSince};
    for (size_t i = 0; i < servers.size(); ++i) {
        const ServerPlan &plan = merged.plans[i];
        const auto before = base.servers.find(plan.id);
        const bool comparable = plan.trust == Trust::Continued && before != base.servers.end();
        Seen seen{servers[i].changeCounter, servers[i].accounts, servers[i].rows};
        // Each of our transactions, or somebody else's that made ours needless, has counted on.
        if (seen.changeCounter != 0 && std::find(done[i].begin(), done[i].end(), true) != done[i].end())
            ++seen.changeCounter;
        size_t index = 0;
        for (const ChangeUnit &unit : plan.units) {
            for (const Change &change : unit) {
                if (!done[i][index++])
                    continue;
                carryOut(seen.accounts, change);
                // Its row is not known before the next reading.
                if (change.kind == Change::Kind::AddAccount || change.kind == Change::Kind::RemoveAccount)
                    seen.rows.remove(change.charmId);
            }
        }
        unseeHolds(seen.accounts, plan.holds, comparable ? &before->second.accounts : nullptr);
        share(seen.accounts, next.accounts);
        next.servers[plan.id] = std::move(seen);
    }
    return next;
}

} // namespace cring::accounts
