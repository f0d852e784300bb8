// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/change.h"
#include "core/accounts/synchronised.h"

#include <QSet>
#include <QString>

#include <functional>
#include <set>

namespace cring::accounts {

/// A server's accounts, as just read.
struct ServerState
{
    QByteArray id; ///< The backend's, which outlives renames.
    AccountSet accounts;
    quint32 changeCounter = 0;
    RowNumbers rows = {};
};

/// What a difference between what a server holds and what it was last seen with can mean.
enum class Trust {
    New,       ///< Never seen: what it has is welcome, what it lacks says nothing.
    Continued, ///< Its clients have done it: what it lacks, somebody took away.
    SetBack,   ///< Emptied, or an older copy: what it lacks is given back, what is older is put right.
};

/// What two servers say differently and only a person can decide. Until then each server keeps what it has.
struct Clash
{
    enum class Kind {
        NameTaken,        ///< subject: a name that two accounts have.
        ChangedTwice,     ///< subject: what one account was given on two servers: name, email or bio.
        KeyInTwoAccounts, ///< subject: a key's fingerprint; both accounts have been used.
    };

    Kind kind;
    QByteArray subject;
    QList<QByteArray> charmIds; ///< Who keeps it on the servers that do not clash comes first.
    QList<QByteArray> servers;  ///< Backends' ids: where it is otherwise.

    bool operator==(const Clash &) const = default;
    /// One sentence, with what to do.
    QString toString() const;
};

/// Does the account have files on any server? Asked only where a key opens two accounts.
using FileProbe = std::function<bool(const QByteArray &charmId)>;

enum class Field { Name, Email, Bio };
QByteArray &valueOf(Account &account, Field field);
const QByteArray &valueOf(const Account &account, Field field);

/// What a server is left with though the others have it otherwise.
struct Holds
{
    QHash<QByteArray, QByteArray> keys; ///< By text: the account that keeps it here.
    std::set<std::pair<QByteArray, Field>> fields;

    bool operator==(const Holds &) const = default;
};

struct ServerPlan
{
    QByteArray id;
    Trust trust = Trust::New;
    std::vector<ChangeUnit> units;
    Holds holds;
};

struct Merged
{
    AccountSet accounts;
    Gone gone;
    std::map<QByteArray, std::map<QByteArray, QByteArray>> disputedNames;
    std::vector<ServerPlan> plans; ///< In the servers' order.
    std::vector<Clash> clashes;
};

/// Three-way: what each server's clients have done since it was last seen, applied to what all were to hold.
/// Pure. Servers that could not be read are left out of `servers`, and lose nothing. docs/adr/0011 has the
/// rules and why. hasFiles may be empty: then every account counts as one that has.
Merged merge(const Synchronised &base, const std::vector<ServerState> &servers,
             const FileProbe &hasFiles = {});

/// The base of the next round. done: for each plan, what became of its changes, counted through its units.
Synchronised settle(const Synchronised &base, const Merged &merged, const std::vector<ServerState> &servers,
                    const std::vector<std::vector<bool>> &done);

/// How a server's state is to be understood; merge() asks it.
Trust judge(const ServerState &now, const Seen *seen);

} // namespace cring::accounts
