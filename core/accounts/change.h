// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountset.h"

#include <vector>

namespace cring::accounts {

/// One change to a Charm server's database, by natural keys. Each is safe to try at any time: what it needs
/// is looked at again where it is carried out, and a row that has become another meanwhile is left as it is.
/// Which fields count depends on the kind.
struct Change
{
    /// In the order in which those of one transaction are carried out.
    enum class Kind {
        AddAccount,        ///< email, bio, createdAt; unless it is there.
        MoveKey,           ///< key, from one account (`from`, a charm id) to `charmId`.
        RemoveKey,         ///< key; if it is still the account's and still that of `createdAt`.
        RemoveAccount,     ///< With its sequences; if no key opens it.
        SetName,           ///< from, to; if nobody else has it. Names may go round in a circle.
        SetEmail,          ///< from, to
        SetBio,            ///< from, to
        SetCreatedAt,      ///< from, to
        AddKey,            ///< key, createdAt; if it opens no account.
        SetKeyTime,        ///< key, from, to
        AddEncryptKey,     ///< key, globalId, sealed, createdAt; unless the key has it.
        SetEncryptKeyTime, ///< key, globalId, from, to
        RaiseSequence,     ///< name (`to`), sequence; never lowers it.
    };

    Kind kind;
    QByteArray charmId;
    QByteArray key = {}; ///< A public key's text.
    QByteArray globalId = {};
    QByteArray sealed = {};
    QByteArray from = {};
    QByteArray to = {};
    QByteArray createdAt = {};
    QByteArray email = {};
    QByteArray bio = {};
    quint64 sequence = 0;

    bool operator==(const Change &) const = default;
};

/// Changes that are carried out together or not at all: an account without its keys would let the next login
/// make a second one.
using ChangeUnit = std::vector<Change>;

/// What an account set looks like after the change was carried out, whose conditions held.
void carryOut(AccountSet &accounts, const Change &change);

} // namespace cring::accounts
