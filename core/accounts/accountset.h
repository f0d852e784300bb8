// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
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
    QList<EncryptKey> encryptKeys;

    bool operator==(const PublicKey &) const = default;
};

struct Account
{
    QByteArray charmId;
    QByteArray name; ///< "": has none yet.
    QByteArray email;
    QByteArray bio;
    QByteArray createdAt;
    QList<PublicKey> keys;                   ///< By text.
    std::map<QByteArray, quint64> sequences; ///< By name.

    bool operator==(const Account &) const = default;
};

/// All accounts of a server, by charm id.
using AccountSet = std::map<QByteArray, Account>;

} // namespace cring::accounts
