// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountset.h"

#include <QCryptographicHash>
#include <QDateTime>

#include <algorithm>

namespace cring::accounts {

namespace {

template <typename List, typename Name>
auto place(List &list, const QByteArray &value, Name name)
{
    return std::lower_bound(
        list.begin(), list.end(), value,
        [name](const auto &item, const QByteArray &wanted) { return item.*name < wanted; });
}

template <typename List, typename Name>
auto *find(List &list, const QByteArray &value, Name name)
{
    const auto at = place(list, value, name);
    return at != list.end() && (*at).*name == value ? &*at : nullptr;
}

template <typename Item, typename Name>
void insert(QList<Item> &list, Item item, Name name)
{
    const auto at = place(list, item.*name, name);
    if (at == list.end() || (*at).*name != item.*name)
        list.insert(at, std::move(item));
}

} // namespace

KeyOwners keyOwners(const AccountSet &accounts)
{
    KeyOwners owners;
    owners.reserve(static_cast<qsizetype>(accounts.size()));
    for (const auto &[charmId, account] : accounts) {
        for (const PublicKey &key : account.keys)
            owners.insert(key.text, charmId);
    }
    return owners;
}

PublicKey *findKey(QList<PublicKey> &keys, const QByteArray &text)
{
    return find(keys, text, &PublicKey::text);
}

const PublicKey *findKey(const QList<PublicKey> &keys, const QByteArray &text)
{
    return find(keys, text, &PublicKey::text);
}

EncryptKey *findEncryptKey(QList<EncryptKey> &keys, const QByteArray &globalId)
{
    return find(keys, globalId, &EncryptKey::globalId);
}

const EncryptKey *findEncryptKey(const QList<EncryptKey> &keys, const QByteArray &globalId)
{
    return find(keys, globalId, &EncryptKey::globalId);
}

void insertKey(QList<PublicKey> &keys, PublicKey key)
{
    insert(keys, std::move(key), &PublicKey::text);
}

void insertEncryptKey(QList<EncryptKey> &keys, EncryptKey key)
{
    insert(keys, std::move(key), &EncryptKey::globalId);
}

QByteArray nextSecond(const QByteArray &time)
{
    const QString format = QStringLiteral("yyyy-MM-dd HH:mm:ss");
    QDateTime moment = QDateTime::fromString(QString::fromLatin1(time.left(format.size())), format);
    moment.setTimeSpec(Qt::UTC);
    return moment.isValid() ? moment.addSecs(1).toString(format).toLatin1() : time;
}

QByteArray fingerprint(const QByteArray &keyText)
{
    const QByteArrayList words = keyText.simplified().split(' ');
    if (words.size() < 2)
        return "?";
    const auto blob = QByteArray::fromBase64Encoding(words.at(1), QByteArray::AbortOnBase64DecodingErrors);
    if (!blob)
        return "?";
    return "SHA256:" + QCryptographicHash::hash(*blob, QCryptographicHash::Sha256)
                           .toBase64(QByteArray::OmitTrailingEquals);
}

void share(AccountSet &accounts, const AccountSet &with)
{
    auto known = with.begin();
    for (auto &[charmId, account] : accounts) {
        while (known != with.end() && known->first < charmId)
            ++known;
        if (known == with.end())
            return;
        if (known->first == charmId && known->second == account)
            account = known->second;
    }
}

} // namespace cring::accounts
