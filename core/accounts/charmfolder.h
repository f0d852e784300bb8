// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

#include <array>

/// What is in a Charm server's data directory (cmd/serve.go:50, server/server.go:170,
/// server/db/sqlite/sql.go).
namespace cring::accounts::charmfolder {

inline const QString kSsh = QStringLiteral(".ssh");
inline const QString kKey = QStringLiteral(".ssh/charm_server_ed25519");
inline const QString kPublicKey = QStringLiteral(".ssh/charm_server_ed25519.pub");
inline const QString kDb = QStringLiteral("db");
inline const QString kDatabase = QStringLiteral("db/charm_sqlite.db");
inline const QString kFiles = QStringLiteral("files");

inline constexpr std::array kTables{"charm_user", "public_key", "encrypt_key", "named_seq",
                                    "news",       "news_tag",   "token"};

} // namespace cring::accounts::charmfolder
