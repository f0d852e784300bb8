// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountsdatabase.h"
#include "core/accounts/localsql.h"

#include <QStringList>

namespace cring::test {

/// The database in a Charm server's data directory.
QString databaseIn(const QString &dataDir);

/// In what the accounts in these database files differ, by natural keys, or what is wrong with one of them;
/// "" when they are equal and whole. Clients seal the same encrypt key anew at each server: either text opens
/// to it, and counts as equal.
QByteArray accountsDifference(const QStringList &paths);

/// A database file with what is needed to look at it.
class CharmDatabase
{
public:
    explicit CharmDatabase(const QString &path);

    const QString &path() const { return m_path; }
    accounts::AccountsDatabase &accounts() { return m_accounts; }
    accounts::LocalSql &sql() { return m_sql; }

    /// Runs any SQL on it, as sqlite3(1) would; the rows' cells joined by '|', or the error's words.
    QByteArray ask(const QByteArray &text);
    /// "ok" when SQLite finds nothing wrong with the file.
    QByteArray integrity() { return ask("PRAGMA integrity_check"); }

private:
    QString m_path;
    SeededRandom m_random{1};
    accounts::LocalSql m_sql;
    accounts::AccountsDatabase m_accounts;
};

} // namespace cring::test
