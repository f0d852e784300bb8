// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/accounts/charmdatabase.h"

#include <QFile>

#include <sqlite3.h>

namespace cring::test {

QString databaseIn(const QString &dataDir)
{
    return dataDir + QStringLiteral("/db/charm_sqlite.db");
}

CharmDatabase::CharmDatabase(const QString &path)
    : m_path(path)
    , m_sql(path)
    , m_accounts(m_sql, QStringLiteral("charm1"), m_random)
{
}

QByteArray CharmDatabase::ask(const QByteArray &text)
{
    sqlite3 *database = nullptr;
    QByteArray rows;
    const auto row = [](void *out, int count, char **cells, char **) {
        QByteArray &all = *static_cast<QByteArray *>(out);
        if (!all.isEmpty())
            all += '\n';
        for (int i = 0; i < count; ++i)
            all += (i == 0 ? QByteArray() : QByteArray("|")) + (cells[i] ? cells[i] : "NULL");
        return 0;
    };
    if (sqlite3_open(QFile::encodeName(m_path).constData(), &database) == SQLITE_OK) {
        sqlite3_busy_timeout(database, 5'000);
        if (sqlite3_exec(database, text.constData(), row, &rows, nullptr) != SQLITE_OK)
            rows = QByteArray("error: ") + sqlite3_errmsg(database);
    }
    sqlite3_close(database);
    return rows;
}

} // namespace cring::test
