// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/change.h"
#include "core/accounts/sqlrunner.h"

#include <span>

namespace cring::accounts::sqltext {

/// The SQL that this library has: text for any SQLite from 3.31 on, the command line's too. Values are
/// literals; whatever is not plain ASCII goes as hex, so that no shell, no line end and no encoding comes
/// between.

/// One transaction that reads everything. Each row begins with a tag:
///   "object", kind, name, table                 what the file holds
///   "column", table, name                       of Charm's tables
///   "file", user_version, encoding              comes after those two
///   "user", id, charm_id, name, email, bio, created_at
///   "key", user id, id, public_key, created_at
///   "sealed", key id, global_id, encrypted_key, created_at
///   "seq", user id, name, seq                   numbers only; "oddseq", count: of all others
/// Texts longer than kMostText, and what depends on them, are left out.
QByteArray reading(ISqlRunner::Cells cells);

/// One transaction that takes the lock for reading, for those who ask for the change counter.
QByteArray nothing();

/// One transaction that carries the changes out, those that can be, and looks at what has become of each
/// before it commits: a row ("done", index, 1 or 0) for every change. No waiting in it; fails as a whole when
/// the database is locked.
QByteArray transaction(std::span<const Change> changes);

/// Bytes of a text, or number; a Charm server takes no larger request (server/http.go).
constexpr int kMostText = 1024 * 1024;

} // namespace cring::accounts::sqltext
