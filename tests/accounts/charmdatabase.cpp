// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/accounts/charmdatabase.h"

#include "tests/accounts/simserver.h"

#include <QFile>

#include <sqlite3.h>

namespace cring::test {

QString databaseIn(const QString &dataDir)
{
    return dataDir + QStringLiteral("/db/charm_sqlite.db");
}

namespace {

accounts::AccountSet withoutSealings(accounts::AccountSet accounts)
{
    for (auto &[charmId, account] : accounts) {
        for (accounts::PublicKey &key : account.keys) {
            for (accounts::EncryptKey &encryptKey : key.encryptKeys)
                encryptKey.sealed.clear();
        }
    }
    return accounts;
}

} // namespace

QByteArray accountsDifference(const QStringList &paths)
{
    std::optional<accounts::AccountSet> first;
    for (const QString &path : paths) {
        CharmDatabase database(path);
        auto reading = database.accounts().read();
        if (!reading.ok())
            return reading.error().toString().toUtf8();
        if (const QByteArray integrity = database.integrity(); integrity != "ok")
            return integrity;
        accounts::AccountSet accounts = withoutSealings(std::move(reading->accounts));
        if (!first)
            first = std::move(accounts);
        else if (accounts != *first)
            return wordsOf(*first) + "\n" + wordsOf(accounts);
    }
    return {};
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
