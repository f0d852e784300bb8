// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/change.h"

#include <algorithm>

namespace cring::accounts {

namespace {

PublicKey taken(Account &account, const QByteArray &text)
{
    PublicKey key;
    if (PublicKey *found = findKey(account.keys, text)) {
        key = *found;
        account.keys.removeAt(found - account.keys.data());
    }
    return key;
}

void moveKey(AccountSet &accounts, const Change &change)
{
    const auto source = accounts.find(change.from);
    if (source == accounts.end())
        return;
    PublicKey key = taken(source->second, change.key);
    if (!key.text.isEmpty())
        insertKey(accounts[change.charmId].keys, std::move(key));
}

void changeKey(Account &account, const Change &change)
{
    PublicKey *key = findKey(account.keys, change.key);
    if (!key)
        return;
    if (change.kind == Change::Kind::SetKeyTime) {
        key->createdAt = change.to;
    } else if (change.kind == Change::Kind::AddEncryptKey) {
        insertEncryptKey(key->encryptKeys, {change.globalId, change.sealed, change.createdAt});
    } else if (EncryptKey *encryptKey = findEncryptKey(key->encryptKeys, change.globalId)) {
        encryptKey->createdAt = change.to;
    }
}

} // namespace

void carryOut(AccountSet &accounts, const Change &change)
{
    Account &account = accounts[change.charmId];
    account.charmId = change.charmId;
    switch (change.kind) {
    case Change::Kind::AddAccount:
        account.email = change.email;
        account.bio = change.bio;
        account.createdAt = change.createdAt;
        break;
    case Change::Kind::MoveKey:
        moveKey(accounts, change);
        break;
    case Change::Kind::RemoveKey:
        taken(account, change.key);
        break;
    case Change::Kind::RemoveAccount:
        accounts.erase(change.charmId);
        break;
    case Change::Kind::SetName:
        account.name = change.to;
        break;
    case Change::Kind::SetEmail:
        account.email = change.to;
        break;
    case Change::Kind::SetBio:
        account.bio = change.to;
        break;
    case Change::Kind::SetCreatedAt:
        account.createdAt = change.to;
        break;
    case Change::Kind::AddKey:
        insertKey(account.keys, {change.key, change.createdAt, {}});
        break;
    case Change::Kind::SetKeyTime:
    case Change::Kind::AddEncryptKey:
    case Change::Kind::SetEncryptKeyTime:
        changeKey(account, change);
        break;
    case Change::Kind::RaiseSequence:
        account.sequences[change.to] = std::max(account.sequences[change.to], change.sequence);
        break;
    }
}

} // namespace cring::accounts
