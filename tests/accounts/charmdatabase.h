// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountsdatabase.h"
#include "core/accounts/localsql.h"

#include <QString>

namespace cring::test {

/// The database in a Charm server's data directory.
QString databaseIn(const QString &dataDir);

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
