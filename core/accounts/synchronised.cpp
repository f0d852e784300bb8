// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/synchronised.h"

#include <QCryptographicHash>
#include <QDataStream>
#include <QIODevice>

namespace cring::accounts {

namespace {

constexpr char kMagic[] = "cring accounts\n";
constexpr qsizetype kMagicSize = sizeof kMagic - 1;
/// 1 knew of nothing disabled, 2 of no server key, time and row numbers, 3 of no time when something went.
constexpr quint8 kVersion = 4;
constexpr int kDigestSize = 32;

QByteArray digest(QByteArrayView bytes)
{
    return QCryptographicHash::hash(QByteArray::fromRawData(bytes.data(), bytes.size()),
                                    QCryptographicHash::Sha256);
}

// What is counted is read one by one, so a count that is too large ends at the end of the bytes.

QDataStream &operator<<(QDataStream &out, const Sequences &sequences)
{
    out << static_cast<quint32>(sequences.size());
    for (const auto &[name, value] : sequences)
        out << name << value;
    return out;
}

QDataStream &operator>>(QDataStream &in, Sequences &sequences)
{
    quint32 count = 0;
    in >> count;
    for (quint32 i = 0; i < count && in.status() == QDataStream::Ok; ++i) {
        QByteArray name;
        quint64 value = 0;
        in >> name >> value;
        sequences[name] = value;
    }
    return in;
}

QDataStream &operator<<(QDataStream &out, const Account &account)
{
    out << account.charmId << account.name << account.email << account.bio << account.createdAt
        << account.sequences << static_cast<quint32>(account.keys.size());
    for (const PublicKey &key : account.keys) {
        out << key.text << key.createdAt << static_cast<quint32>(key.encryptKeys.size());
        for (const EncryptKey &encryptKey : key.encryptKeys)
            out << encryptKey.globalId << encryptKey.sealed << encryptKey.createdAt;
    }
    return out;
}

QDataStream &operator>>(QDataStream &in, Account &account)
{
    quint32 keys = 0;
    in >> account.charmId >> account.name >> account.email >> account.bio >> account.createdAt >>
        account.sequences >> keys;
    for (quint32 i = 0; i < keys && in.status() == QDataStream::Ok; ++i) {
        PublicKey key;
        quint32 encryptKeys = 0;
        in >> key.text >> key.createdAt >> encryptKeys;
        for (quint32 j = 0; j < encryptKeys && in.status() == QDataStream::Ok; ++j) {
            EncryptKey encryptKey;
            in >> encryptKey.globalId >> encryptKey.sealed >> encryptKey.createdAt;
            insertEncryptKey(key.encryptKeys, std::move(encryptKey));
        }
        insertKey(account.keys, std::move(key));
    }
    return in;
}

void writeAccounts(QDataStream &out, const std::vector<const Account *> &accounts)
{
    out << static_cast<quint32>(accounts.size());
    for (const Account *account : accounts)
        out << *account;
}

void readAccounts(QDataStream &in, AccountSet &accounts)
{
    quint32 count = 0;
    in >> count;
    for (quint32 i = 0; i < count && in.status() == QDataStream::Ok; ++i) {
        Account account;
        in >> account;
        accounts[account.charmId] = std::move(account);
    }
}

void writeSeen(QDataStream &out, const Seen &seen, const AccountSet &accounts)
{
    std::vector<const Account *> others;
    QByteArrayList absent;
    for (const auto &[charmId, account] : seen.accounts) {
        const auto same = accounts.find(charmId);
        if (same == accounts.end() || same->second != account)
            others.push_back(&account);
    }
    for (const auto &[charmId, account] : accounts) {
        if (!seen.accounts.contains(charmId))
            absent << charmId;
    }
    out << seen.changeCounter;
    writeAccounts(out, others);
    out << absent;
}

void readSeen(QDataStream &in, Seen &seen, const AccountSet &accounts)
{
    AccountSet others;
    QByteArrayList absent;
    in >> seen.changeCounter;
    readAccounts(in, others);
    in >> absent;
    if (in.status() != QDataStream::Ok)
        return;
    seen.accounts = accounts;
    for (const QByteArray &charmId : absent)
        seen.accounts.erase(charmId);
    for (auto &[charmId, account] : others)
        seen.accounts[charmId] = std::move(account);
}

/// In the accounts' order, 0 where it is not known; nothing when none is.
void writeRows(QDataStream &out, const Seen &seen)
{
    out << static_cast<quint32>(seen.rows.isEmpty() ? 0 : seen.accounts.size());
    if (seen.rows.isEmpty())
        return;
    for (const auto &[charmId, account] : seen.accounts)
        out << seen.rows.value(charmId);
}

void readRows(QDataStream &in, Seen &seen)
{
    quint32 count = 0;
    in >> count;
    auto account = seen.accounts.begin();
    for (quint32 i = 0; i < count && in.status() == QDataStream::Ok; ++i, ++account) {
        qint64 row = 0;
        in >> row;
        if (account == seen.accounts.end()) {
            in.setStatus(QDataStream::ReadCorruptData);
            return;
        }
        if (row != 0)
            seen.rows[account->first] = row;
    }
}

void writeGone(QDataStream &out, const Gone &gone)
{
    out << static_cast<quint32>(gone.keys.size());
    for (const auto &[place, createdAt] : gone.keys)
        out << place.charmId << place.key << createdAt;
    out << static_cast<quint32>(gone.accounts.size());
    for (const auto &[charmId, merged] : gone.accounts)
        out << charmId << merged.into << merged.sequences;
    out << static_cast<quint32>(gone.disabled.size());
    for (const auto &[charmId, keys] : gone.disabled) {
        out << charmId << static_cast<quint32>(keys.size());
        for (const QByteArray &key : keys)
            out << key;
    }
    out << static_cast<quint32>(gone.returned.size());
    for (const Gone::KeyPlace &place : gone.returned)
        out << place.charmId << place.key;
}

void writeGoneSince(QDataStream &out, const GoneSince &gone)
{
    out << static_cast<quint32>(gone.keys.size());
    for (const auto &[place, key] : gone.keys)
        out << place.charmId << place.key << key.createdAt << key.since;
    out << static_cast<quint32>(gone.accounts.size());
    for (const auto &[charmId, since] : gone.accounts)
        out << charmId << since;
}

void readGoneSince(QDataStream &in, GoneSince &gone)
{
    quint32 count = 0;
    in >> count;
    for (quint32 i = 0; i < count && in.status() == QDataStream::Ok; ++i) {
        Gone::KeyPlace place;
        GoneSince::Key key;
        in >> place.charmId >> place.key >> key.createdAt >> key.since;
        gone.keys[place] = key;
    }
    in >> count;
    for (quint32 i = 0; i < count && in.status() == QDataStream::Ok; ++i) {
        QByteArray charmId;
        qint64 since = 0;
        in >> charmId >> since;
        gone.accounts[charmId] = since;
    }
}

std::set<QByteArray> goneKeysOf(const Gone &gone, const QByteArray &charmId)
{
    std::set<QByteArray> keys;
    for (auto at = gone.keys.lower_bound({charmId, {}});
         at != gone.keys.end() && at->first.charmId == charmId; ++at)
        keys.insert(at->first.key);
    return keys;
}

void readGone(QDataStream &in, Gone &gone, quint8 version)
{
    quint32 count = 0;
    in >> count;
    for (quint32 i = 0; i < count && in.status() == QDataStream::Ok; ++i) {
        Gone::KeyPlace place;
        in >> place.charmId >> place.key;
        in >> gone.keys[place];
    }
    in >> count;
    for (quint32 i = 0; i < count && in.status() == QDataStream::Ok; ++i) {
        QByteArray charmId;
        in >> charmId;
        Gone::Merged &merged = gone.accounts[charmId];
        in >> merged.into >> merged.sequences;
    }
    if (version < 2)
        return;
    in >> count;
    for (quint32 i = 0; i < count && in.status() == QDataStream::Ok; ++i) {
        QByteArray charmId;
        in >> charmId;
        std::set<QByteArray> &keys = gone.disabled[charmId];
        if (version < 3) {
            // Which of them a person had unlinked before was not told apart then.
            keys = goneKeysOf(gone, charmId);
            continue;
        }
        quint32 keyCount = 0;
        in >> keyCount;
        for (quint32 j = 0; j < keyCount && in.status() == QDataStream::Ok; ++j) {
            QByteArray key;
            in >> key;
            keys.insert(std::move(key));
        }
    }
    if (version < 3)
        return;
    in >> count;
    for (quint32 i = 0; i < count && in.status() == QDataStream::Ok; ++i) {
        Gone::KeyPlace place;
        in >> place.charmId >> place.key;
        gone.returned.insert(std::move(place));
    }
}

Error unreadable(const QString &why)
{
    return {Code::AccountsSeen,
            QStringLiteral("what was last known of the servers' accounts %1; it is learnt from them anew")
                .arg(why)};
}

} // namespace

QByteArray Gone::livesOnAs(const QByteArray &charmId) const
{
    QByteArray current = charmId;
    // Merges form no circle; were the file to say so, this ends all the same.
    for (size_t steps = 0; steps <= accounts.size(); ++steps) {
        const auto found = accounts.find(current);
        if (found == accounts.end())
            return current;
        current = found->second.into;
        if (current.isEmpty())
            break;
    }
    return {};
}

bool Gone::isDisabled(QByteArray charmId) const
{
    for (size_t steps = 0; steps <= accounts.size() && !charmId.isEmpty(); ++steps) {
        if (disabled.contains(charmId))
            return true;
        const auto found = accounts.find(charmId);
        charmId = found == accounts.end() ? QByteArray() : found->second.into;
    }
    return false;
}

std::set<QByteArray> Gone::allDisabled() const
{
    std::set<QByteArray> all;
    if (disabled.empty())
        return all;
    for (const auto &entry : disabled)
        all.insert(entry.first);
    for (const auto &[charmId, merged] : accounts) {
        if (isDisabled(charmId))
            all.insert(charmId);
    }
    return all;
}

bool Synchronised::takeAway(const QByteArray &charmId)
{
    const auto account = accounts.find(charmId);
    if (account == accounts.end())
        return false;
    std::set<QByteArray> &keys = gone.disabled[charmId];
    for (const PublicKey &key : account->second.keys) {
        gone.keys[{charmId, key.text}] = key.createdAt;
        gone.returned.erase({charmId, key.text});
        keys.insert(key.text);
    }
    gone.accounts[charmId] = {{}, account->second.sequences};
    accounts.erase(account);
    return true;
}

QByteArray Synchronised::toBytes() const
{
    QByteArray bytes(kMagic, kMagicSize);
    bytes.append(static_cast<char>(kVersion));
    QDataStream out(&bytes, QIODevice::Append);
    out.setVersion(QDataStream::Qt_6_0);
    std::vector<const Account *> all;
    for (const auto &[charmId, account] : accounts)
        all.push_back(&account);
    writeAccounts(out, all);
    writeGone(out, gone);
    out << static_cast<quint32>(disputedNames.size());
    for (const auto &[charmId, names] : disputedNames) {
        out << charmId << static_cast<quint32>(names.size());
        for (const auto &[server, name] : names)
            out << server << name;
    }
    out << static_cast<quint32>(servers.size());
    for (const auto &[server, seen] : servers) {
        out << server;
        writeSeen(out, seen, accounts);
    }
    out << serverKey << lastTime;
    for (const auto &[server, seen] : servers)
        writeRows(out, seen);
    writeGoneSince(out, goneSince);
    bytes.append(digest(bytes));
    return bytes;
}

Result<Synchronised> Synchronised::fromBytes(const QByteArray &bytes)
{
    if (!bytes.startsWith(kMagic) || bytes.size() <= kMagicSize + kDigestSize)
        return unreadable(QStringLiteral("cannot be read"));
    const qsizetype end = bytes.size() - kDigestSize;
    if (digest(QByteArrayView(bytes).first(end)) != QByteArrayView(bytes).sliced(end))
        return unreadable(QStringLiteral("is damaged"));
    const auto version = static_cast<quint8>(bytes.at(kMagicSize));
    if (version < 1 || version > kVersion)
        return unreadable(QStringLiteral("was written by another release"));
    QDataStream in(bytes.mid(kMagicSize + 1, end - kMagicSize - 1));
    in.setVersion(QDataStream::Qt_6_0);
    Synchronised read;
    readAccounts(in, read.accounts);
    readGone(in, read.gone, version);
    quint32 count = 0;
    in >> count;
    for (quint32 i = 0; i < count && in.status() == QDataStream::Ok; ++i) {
        QByteArray charmId;
        quint32 names = 0;
        in >> charmId >> names;
        for (quint32 j = 0; j < names && in.status() == QDataStream::Ok; ++j) {
            QByteArray server;
            in >> server;
            in >> read.disputedNames[charmId][server];
        }
    }
    in >> count;
    for (quint32 i = 0; i < count && in.status() == QDataStream::Ok; ++i) {
        QByteArray server;
        in >> server;
        readSeen(in, read.servers[server], read.accounts);
    }
    if (version >= 3) {
        in >> read.serverKey >> read.lastTime;
        for (auto &[server, seen] : read.servers)
            readRows(in, seen);
    }
    if (version >= 4)
        readGoneSince(in, read.goneSince);
    if (in.status() != QDataStream::Ok || !in.atEnd())
        return unreadable(QStringLiteral("is damaged"));
    return read;
}

} // namespace cring::accounts
