// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/accounts/simserver.h"

#include <algorithm>

namespace cring::test {

using namespace cring::accounts;

namespace {

QByteArray second(const QByteArray &number)
{
    return "2026-01-01 00:00:" + number.rightJustified(2, '0');
}

} // namespace

std::optional<QByteArray> SimServer::ownerOf(const QByteArray &key) const
{
    const KeyOwners owners = keyOwners(m_accounts);
    return owners.contains(key) ? std::optional(owners.value(key)) : std::nullopt;
}

/// New accounts come after the last row, as in SQLite.
ServerState SimServer::state()
{
    RowNumbers rows;
    qint64 last = 0;
    for (auto row = m_rows.cbegin(); row != m_rows.cend(); ++row) {
        if (!m_accounts.contains(row.key()))
            continue;
        rows.insert(row.key(), row.value());
        last = std::max(last, row.value());
    }
    for (const auto &[charmId, account] : m_accounts) {
        if (!rows.contains(charmId))
            rows.insert(charmId, ++last);
    }
    m_rows = rows;
    return {m_id, m_accounts, m_counter, m_rows};
}

void SimServer::set(AccountSet accounts)
{
    m_accounts = std::move(accounts);
    ++m_counter;
}

void SimServer::restore(const SimServer &copy)
{
    m_accounts = copy.m_accounts;
    m_rows = copy.m_rows;
    m_counter = copy.m_counter;
}

void SimServer::logIn(const QByteArray &key, const QByteArray &newCharmId, const QByteArray &time)
{
    if (ownerOf(key))
        return;
    m_accounts[newCharmId] = {newCharmId, {}, {}, {}, time, {{key, time, {}}}, {}};
    ++m_counter;
}

void SimServer::link(const QByteArray &charmId, const QByteArray &key, const QByteArray &time)
{
    const auto account = m_accounts.find(charmId);
    if (ownerOf(key) || account == m_accounts.end())
        return;
    insertKey(account->second.keys, {key, time, {}});
    ++m_counter;
}

void SimServer::unlink(const QByteArray &key)
{
    const auto owner = ownerOf(key);
    if (!owner)
        return;
    QList<PublicKey> &keys = m_accounts[*owner].keys;
    keys.removeAt(findKey(keys, key) - keys.data());
    if (keys.isEmpty())
        m_accounts.erase(*owner);
    ++m_counter;
}

void SimServer::merge(const QByteArray &into, const QByteArray &from)
{
    if (into == from || !m_accounts.contains(into) || !m_accounts.contains(from))
        return;
    for (const PublicKey &key : m_accounts[from].keys)
        insertKey(m_accounts[into].keys, key);
    m_accounts.erase(from);
    ++m_counter;
}

bool SimServer::nameIsFree(const QByteArray &name) const
{
    return std::none_of(m_accounts.begin(), m_accounts.end(),
                        [&](const auto &entry) { return entry.second.name.toLower() == name.toLower(); });
}

bool SimServer::rename(const QByteArray &charmId, const QByteArray &name)
{
    if (!m_accounts.contains(charmId) || !nameIsFree(name))
        return false;
    m_accounts[charmId].name = name;
    ++m_counter;
    return true;
}

void SimServer::addEncryptKey(const QByteArray &key, const EncryptKey &encryptKey)
{
    const auto owner = ownerOf(key);
    if (!owner)
        return;
    insertEncryptKey(findKey(m_accounts[*owner].keys, key)->encryptKeys, encryptKey);
    ++m_counter;
}

void SimServer::nextSequence(const QByteArray &charmId, const QByteArray &name)
{
    const auto account = m_accounts.find(charmId);
    if (account == m_accounts.end())
        return;
    Sequences &sequences = account->second.sequences;
    if (sequences.contains(name))
        ++sequences[name];
    else
        sequences[name] = 0;
    ++m_counter;
}

std::vector<bool> SimServer::apply(const std::vector<Change> &changes)
{
    std::vector<const Change *> ordered;
    for (const Change &change : changes)
        ordered.push_back(&change);
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const Change *a, const Change *b) { return a->kind < b->kind; });
    std::vector<const Change *> renames;
    for (const Change *change : ordered) {
        if (change->kind == Change::Kind::SetName)
            renames.push_back(change);
    }
    bool renamed = false;
    for (const Change *change : ordered) {
        if (change->kind >= Change::Kind::SetName && !renamed) {
            changeNames(renames);
            renamed = true;
        }
        tryOne(*change);
    }
    ++m_counter;
    std::vector<bool> done;
    for (const Change &change : changes)
        done.push_back(isThere(change));
    return done;
}

std::vector<bool> SimServer::apply(const std::vector<ChangeUnit> &units)
{
    std::vector<bool> all;
    for (const ChangeUnit &unit : units) {
        const std::vector<bool> done = apply(unit);
        all.insert(all.end(), done.begin(), done.end());
    }
    return all;
}

void SimServer::changeNames(const std::vector<const Change *> &renames)
{
    std::vector<const Change *> allowed;
    for (const Change *rename : renames) {
        const auto account = m_accounts.find(rename->charmId);
        if (account == m_accounts.end() || account->second.name != rename->from)
            continue;
        account->second.name.clear();
        allowed.push_back(rename);
    }
    std::vector<const Change *> refused;
    for (const Change *rename : allowed) {
        if (rename->to.isEmpty())
            continue;
        if (nameIsFree(rename->to))
            m_accounts[rename->charmId].name = rename->to;
        else
            refused.push_back(rename);
    }
    for (const Change *rename : refused) {
        if (!rename->from.isEmpty() && nameIsFree(rename->from))
            m_accounts[rename->charmId].name = rename->from;
    }
}

void SimServer::tryOne(const Change &change)
{
    const auto found = m_accounts.find(change.charmId);
    if (change.kind == Change::Kind::AddAccount) {
        if (found == m_accounts.end())
            carryOut(m_accounts, change);
        return;
    }
    if (found == m_accounts.end())
        return;
    Account &account = found->second;
    switch (change.kind) {
    case Change::Kind::RemoveAccount:
        if (account.keys.isEmpty())
            m_accounts.erase(found);
        break;
    case Change::Kind::SetEmail:
        if (account.email == change.from)
            account.email = change.to;
        break;
    case Change::Kind::SetBio:
        if (account.bio == change.from)
            account.bio = change.to;
        break;
    case Change::Kind::SetCreatedAt:
        if (account.createdAt == change.from)
            account.createdAt = change.to;
        break;
    case Change::Kind::RaiseSequence:
        carryOut(m_accounts, change);
        break;
    case Change::Kind::SetName:
        break;
    default:
        tryKey(change, account);
        break;
    }
}

void SimServer::tryKey(const Change &change, Account &account)
{
    const auto owner = ownerOf(change.key);
    const PublicKey *key = findKey(std::as_const(account.keys), change.key);
    const EncryptKey *encryptKey = key ? findEncryptKey(key->encryptKeys, change.globalId) : nullptr;
    bool holds = false;
    switch (change.kind) {
    case Change::Kind::MoveKey:
        holds = owner == change.from;
        break;
    case Change::Kind::AddKey:
        holds = !owner;
        break;
    case Change::Kind::RemoveKey:
        holds = key && key->createdAt == change.createdAt;
        break;
    case Change::Kind::SetKeyTime:
        holds = key && key->createdAt == change.from;
        break;
    case Change::Kind::AddEncryptKey:
        holds = key && !encryptKey;
        break;
    case Change::Kind::SetEncryptKeyTime:
        holds = encryptKey && encryptKey->createdAt == change.from;
        break;
    default:
        break;
    }
    if (holds)
        carryOut(m_accounts, change);
}

bool SimServer::isThere(const Change &change) const
{
    const auto found = m_accounts.find(change.charmId);
    const Account *account = found == m_accounts.end() ? nullptr : &found->second;
    const PublicKey *key = account ? findKey(account->keys, change.key) : nullptr;
    const EncryptKey *encryptKey = key ? findEncryptKey(key->encryptKeys, change.globalId) : nullptr;
    switch (change.kind) {
    case Change::Kind::AddAccount:
        return account;
    case Change::Kind::RemoveAccount:
        return !account;
    case Change::Kind::MoveKey:
    case Change::Kind::AddKey:
        return key;
    case Change::Kind::RemoveKey:
        return !key;
    case Change::Kind::SetName:
        return account && account->name == change.to;
    case Change::Kind::SetEmail:
        return account && account->email == change.to;
    case Change::Kind::SetBio:
        return account && account->bio == change.to;
    case Change::Kind::SetCreatedAt:
        return account && account->createdAt == change.to;
    case Change::Kind::SetKeyTime:
        return key && key->createdAt == change.to;
    case Change::Kind::AddEncryptKey:
        return encryptKey;
    case Change::Kind::SetEncryptKeyTime:
        return encryptKey && encryptKey->createdAt == change.to;
    case Change::Kind::RaiseSequence:
        return account && account->sequences.contains(change.to) &&
               account->sequences.at(change.to) >= change.sequence;
    }
    return false;
}

AccountSet accountsFrom(const QByteArray &words)
{
    AccountSet accounts;
    for (const QByteArray &part : words.split(';')) {
        const QByteArrayList tokens = part.simplified().split(' ');
        if (tokens.first().isEmpty())
            continue;
        Account &account = accounts[tokens.first()];
        account.charmId = tokens.first();
        account.createdAt = second("0");
        for (const QByteArray &token : tokens.mid(1)) {
            const QByteArrayList pair = token.split('=');
            if (pair.size() == 2 && pair.first() == "name")
                account.name = pair.last();
            else if (pair.size() == 2 && pair.first() == "bio")
                account.bio = pair.last();
            else if (pair.size() == 2 && pair.first() == "made")
                account.createdAt = second(pair.last());
            else if (pair.size() == 2)
                account.sequences[pair.first()] = pair.last().toULongLong();
            else {
                const QByteArrayList sealed = token.split('+');
                const QByteArrayList timed = sealed.first().split('@');
                PublicKey key{timed.first(), second(timed.size() == 2 ? timed.last() : "1"), {}};
                for (const QByteArray &gid : sealed.mid(1)) {
                    const QByteArrayList made = gid.split('@');
                    insertEncryptKey(key.encryptKeys, {made.first(), "sealed " + made.first(),
                                                       made.size() == 1        ? second("2")
                                                       : made.last().isEmpty() ? QByteArray()
                                                                               : second(made.last())});
                }
                insertKey(account.keys, key);
            }
        }
    }
    return accounts;
}

QByteArray wordsOf(const AccountSet &accounts)
{
    QByteArrayList parts;
    for (const auto &[charmId, account] : accounts) {
        QByteArrayList tokens{charmId};
        if (!account.name.isEmpty())
            tokens << "name=" + account.name;
        if (!account.bio.isEmpty())
            tokens << "bio=" + account.bio;
        for (const PublicKey &key : account.keys) {
            QByteArray token = key.text + '@' + key.createdAt.right(2);
            for (const EncryptKey &encryptKey : key.encryptKeys)
                token += '+' + encryptKey.globalId + '@' + encryptKey.createdAt.right(2);
            tokens << token;
        }
        for (const auto &[name, value] : account.sequences)
            tokens << name + '=' + QByteArray::number(value);
        parts << tokens.join(' ');
    }
    return parts.join("; ");
}

} // namespace cring::test
