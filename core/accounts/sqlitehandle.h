// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QString>

#include <sqlite3.h>

#include <memory>
#include <optional>

/// SQLite's own interface, where Qt SQL has none: backups. For .cpp files.
namespace cring::accounts::sqlite {

struct Free
{
    void operator()(sqlite3 *connection) const { sqlite3_close_v2(connection); }
    void operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }
    void operator()(sqlite3_backup *backup) const { sqlite3_backup_finish(backup); }
};

using ConnectionPtr = std::unique_ptr<sqlite3, Free>;
using StatementPtr = std::unique_ptr<sqlite3_stmt, Free>;
using BackupPtr = std::unique_ptr<sqlite3_backup, Free>;

/// The first column of the first row; nothing on an error or without a row.
inline std::optional<QByteArray> firstValue(sqlite3 *connection, const char *sql)
{
    sqlite3_stmt *raw = nullptr;
    if (sqlite3_prepare_v2(connection, sql, -1, &raw, nullptr) != SQLITE_OK)
        return std::nullopt;
    const StatementPtr statement(raw);
    if (sqlite3_step(raw) != SQLITE_ROW)
        return std::nullopt;
    return QByteArray(static_cast<const char *>(sqlite3_column_blob(raw, 0)), sqlite3_column_bytes(raw, 0));
}

inline QString messageOf(sqlite3 *connection)
{
    return QString::fromUtf8(sqlite3_errmsg(connection));
}

} // namespace cring::accounts::sqlite
