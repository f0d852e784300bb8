// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/node.h"

#include <stop_token>

namespace cring::accounts {

/// One thing that was looked at in a data directory.
struct CheckFinding
{
    QString what; ///< "reach" | "finished" | "key" | "rights" | "accounts" | "room"
    bool ok = false;
    QString text; ///< What was found; when not ok, what to do as well.
};

/// What a data directory says of itself.
struct FolderCheck
{
    QList<CheckFinding> findings;
    QByteArray kid; ///< Of the key; empty when there is none that can be read.
    qint64 accounts = 0;

    bool passed() const;
};

/// Looks at the data directory of a server, which may be running; changes nothing. Ends at the first step
/// that makes the others pointless. Blocks. `scratch` as for ReplicaInit.
FolderCheck checkFolder(INode &node, const QString &scratch, const std::stop_token &stop);

/// What a running server says of itself, without credentials.
struct ServerAnswer
{
    QByteArray kid;
    QByteArray issuer;
};

/// Whether a server stands for the others: the same key and issuer.
CheckFinding judgeAnswer(const Result<ServerAnswer> &answer, const QByteArray &kid, const QByteArray &issuer);

} // namespace cring::accounts
