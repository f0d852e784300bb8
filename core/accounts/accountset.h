// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QHash>
#include <QList>

#include <map>

namespace cring::accounts {

/// What a Charm server's database says of the people who use it (server/db/sqlite/sql.go), without the row
/// numbers, which differ between servers. Times are kept as they are stored: two servers have to have the
/// same text, for the order of encrypt keys by time chooses which one names files.

struct EncryptKey
{
    QByteArray globalId;  ///< A uuid; the same for every public key of the account.
    QByteArray sealed;    ///< The key, sealed to the public key.
    QByteArray createdAt; ///< "" where the server has none.

    bool operator==(const EncryptKey &) const = default;
};

struct PublicKey
{
    QByteArray text; ///< In the form of authorized_keys, as the server keeps it.
    QByteArray createdAt;
    QList<EncryptKey> encryptKeys; ///< By global id, each once.

    bool operator==(const PublicKey &) const = default;
};

/// By name.
using Sequences = std::map<QByteArray, quint64>;

struct Account
{
    QByteArray charmId;
    QByteArray name; ///< "": has none yet.
    QByteArray email;
    QByteArray bio;
    QByteArray createdAt;
    QList<PublicKey> keys; ///< By text, each once.
    Sequences sequences;

    bool operator==(const Account &) const = default;
};

/// All accounts of a server, by charm id.
using AccountSet = std::map<QByteArray, Account>;

/// By charm id: the row that one database file has for the account. It stays for as long as the account is in
/// that file; in another server's it is mostly another one.
using RowNumbers = QHash<QByteArray, qint64>;

/// Which account a key opens: charm ids by the keys' texts. A key opens one account at most.
using KeyOwners = QHash<QByteArray, QByteArray>;
KeyOwners keyOwners(const AccountSet &accounts);

/// Null where there is none. Valid until the list changes.
PublicKey *findKey(QList<PublicKey> &keys, const QByteArray &text);
const PublicKey *findKey(const QList<PublicKey> &keys, const QByteArray &text);
EncryptKey *findEncryptKey(QList<EncryptKey> &keys, const QByteArray &globalId);
const EncryptKey *findEncryptKey(const QList<EncryptKey> &keys, const QByteArray &globalId);
/// Keep the order; one that is there already is left as it is.
void insertKey(QList<PublicKey> &keys, PublicKey key);
void insertEncryptKey(QList<EncryptKey> &keys, EncryptKey key);

/// A second after a time as SQLite's current_timestamp writes it ("2026-01-31 12:00:00"); another text is
/// given back as it is.
QByteArray nextSecond(const QByteArray &time);

/// As ssh-keygen -l prints it: what a person can compare, and a log may have. "?" where the text is no key.
QByteArray fingerprint(const QByteArray &keyText);

/// Lets accounts that are equal in both share their bytes, so that several servers' accounts take little more
/// memory than one's.
void share(AccountSet &accounts, const AccountSet &with);

} // namespace cring::accounts
