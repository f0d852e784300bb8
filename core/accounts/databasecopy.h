// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/node.h"

#include <functional>
#include <stop_token>

namespace cring::accounts {

/// A Charm server's database, for a server that is made from it.
struct DatabaseCopy
{
    qint64 bytes = 0;
    qint64 accounts = 0;
    QByteArray digest; ///< SHA-256, in hex.
};

/// Copies the database of a node, whose server may be running, as it is at one moment, into a file of this
/// machine that is not there yet (0600). Clients' pins (table `token`) are left out; everything else is kept.
///
/// Here by SQLite's backup under one read lock: while it lasts, which is as long as reading the file takes,
/// the server's writes wait. On another machine by its `sqlite3` program, into a temporary folder that goes
/// with the command, whatever becomes of us. Blocks. `advanced` is told of bytes that have come.
///
/// ReplicaSource (no database, not Charm's, damaged), NodeCommand (no sqlite3 there), and the node's errors.
Result<DatabaseCopy> copyDatabase(INode &source, const QString &file, const std::stop_token &stop,
                                  const std::function<void(qint64)> &advanced = {});

/// Checks a file that nobody uses: whether it is a sound database of a Charm server.
Result<DatabaseCopy> inspectDatabase(const QString &file);

} // namespace cring::accounts
