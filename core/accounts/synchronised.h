// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountset.h"
#include "core/base/result.h"

#include <set>
#include <tuple>

namespace cring::accounts {

/// What has been taken away by a person, so that a server that was away, or an old copy of a database, does
/// not bring it back.
struct Gone
{
    struct KeyPlace
    {
        QByteArray charmId;
        QByteArray key;

        bool operator==(const KeyPlace &) const = default;
        bool operator<(const KeyPlace &other) const
        {
            return std::tie(charmId, key) < std::tie(other.charmId, other.key);
        }
    };

    struct Merged
    {
        QByteArray into; ///< The account that has its keys now (`charm link`); "": its last key was unlinked.
        Sequences
            sequences; ///< What they had come to: should the account live on, no number is handed out twice.

        bool operator==(const Merged &) const = default;
    };

    /// When the key that was unlinked there had been made. The same key linked later is another link.
    std::map<KeyPlace, QByteArray> keys;
    std::map<QByteArray, Merged> accounts; ///< By charm id.
    /// Of these, what an operator took away, with the keys that it had then: nothing that a server has brings
    /// it back.
    std::map<QByteArray, std::set<QByteArray>> disabled;
    /// Keys that came back with an account that an operator brought back: a row of before, on a server that
    /// was away meanwhile, is still theirs.
    std::set<KeyPlace> returned;

    bool operator==(const Gone &) const = default;
    /// It was disabled, or is part of an account that was.
    bool isDisabled(QByteArray charmId) const;
    /// All of these.
    std::set<QByteArray> allDisabled() const;
    /// The account that lives on for that charm id; "" where none does.
    QByteArray livesOnAs(const QByteArray &charmId) const;
};

/// When what is gone was first seen gone: ms since 1970, UTC. pruneGone() keeps it.
struct GoneSince
{
    struct Key
    {
        QByteArray createdAt; ///< As in Gone::keys then.
        qint64 since = 0;

        bool operator==(const Key &) const = default;
    };

    std::map<Gone::KeyPlace, Key> keys;
    std::map<QByteArray, qint64> accounts;

    bool operator==(const GoneSince &) const = default;
};

/// What a server's database was last known to hold, after what was written to it then. A difference to it is
/// what the server's own clients have done since.
struct Seen
{
    quint32 changeCounter = 0; ///< 0: unknown.
    AccountSet accounts;
    RowNumbers rows = {}; ///< Of those whose row is known.

    bool operator==(const Seen &) const = default;
};

/// The outcome of a round, and the base of the next one. A plain value; copies share what they can.
struct Synchronised
{
    AccountSet accounts; ///< What all servers are to hold.
    Gone gone;
    std::map<QByteArray, Seen> servers; ///< By the backend's id; those that are away, too.
    /// Names that servers disagreed on when it was reported: charm id, backend's id, name. Who is renamed
    /// again after that decides it.
    std::map<QByteArray, std::map<QByteArray, QByteArray>> disputedNames;
    /// The key of the servers whose accounts these are; "": not known yet.
    QByteArray serverKey;
    /// When a server last took part: milliseconds since 1970, UTC; 0: not known.
    qint64 lastTime = 0;
    GoneSince goneSince = {};

    bool operator==(const Synchronised &) const = default;

    /// The operator's word: the next rounds take the account away from every server, from the only one and
    /// from one that is away now, too. False when it is not known. (To make one, put it into `accounts`.)
    bool takeAway(const QByteArray &charmId);

    /// For a file that nobody else may read: it has the sealed encrypt keys. Compact: servers that hold what
    /// all are to hold cost nothing.
    QByteArray toBytes() const;
    /// Errors: AccountsSeen when the bytes were cut off, changed, or written by a newer release. Then begin
    /// with an empty one: nothing is lost, but what was unlinked while a server was away comes back from it.
    static Result<Synchronised> fromBytes(const QByteArray &bytes);
};

} // namespace cring::accounts
