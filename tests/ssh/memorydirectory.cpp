// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ssh/memorydirectory.h"

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>

#include <algorithm>

namespace cring::test {

namespace {

const QString kConnection = QStringLiteral("memorydirectory");

QList<ssh::DirectoryAccount::EncryptKey> encryptKeys(const QSqlDatabase &database, int key)
{
    QSqlQuery query(database);
    query.prepare(QStringLiteral("SELECT global_id, encrypted_key, CAST(created_at AS TEXT) FROM encrypt_key"
                                 " WHERE public_key_id = ? ORDER BY id"));
    query.addBindValue(key);
    query.exec();
    QList<ssh::DirectoryAccount::EncryptKey> list;
    while (query.next())
        list.append(
            {query.value(0).toByteArray(), query.value(1).toByteArray(), query.value(2).toByteArray()});
    return list;
}

QList<ssh::DirectoryAccount::Key> keys(const QSqlDatabase &database, int user)
{
    QSqlQuery query(database);
    query.prepare(QStringLiteral("SELECT id, public_key, CAST(created_at AS TEXT) FROM public_key"
                                 " WHERE user_id = ? ORDER BY public_key"));
    query.addBindValue(user);
    query.exec();
    QList<ssh::DirectoryAccount::Key> list;
    while (query.next())
        list.append({query.value(1).toByteArray(), query.value(2).toByteArray(),
                     encryptKeys(database, query.value(0).toInt())});
    return list;
}

} // namespace

void MemoryDirectory::add(const ssh::DirectoryAccount &account)
{
    const std::scoped_lock lock(m_mutex);
    m_accounts.append(std::make_shared<const ssh::DirectoryAccount>(account));
}

Status MemoryDirectory::addFrom(const QString &dataDir)
{
    Status status;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), kConnection);
        database.setDatabaseName(dataDir + QStringLiteral("/db/charm_sqlite.db"));
        database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY"));
        if (database.open()) {
            QSqlQuery users(QStringLiteral("SELECT id, charm_id, name FROM charm_user"), database);
            while (users.next())
                add({users.value(1).toByteArray(), users.value(2).toByteArray(),
                     keys(database, users.value(0).toInt())});
            if (users.lastError().isValid())
                status = Error{Code::StateFile, users.lastError().text()};
        } else {
            status = Error{Code::StateFile, database.lastError().text()};
        }
    }
    QSqlDatabase::removeDatabase(kConnection);
    return status;
}

void MemoryDirectory::clear()
{
    const std::scoped_lock lock(m_mutex);
    m_accounts.clear();
}

std::shared_ptr<const ssh::DirectoryAccount> MemoryDirectory::find(const QByteArray &keyText) const
{
    const std::scoped_lock lock(m_mutex);
    for (const auto &account : m_accounts) {
        if (std::ranges::any_of(account->keys, [&](const auto &key) { return key.text == keyText; }))
            return account;
    }
    return nullptr;
}

void MemoryDirectory::unlink(const QByteArray &charmId, const QByteArray &keyText, QObject *, Done done)
{
    if (!m_problem.isEmpty()) {
        done(Error{Code::StateFile, m_problem});
        return;
    }
    {
        const std::scoped_lock lock(m_mutex);
        for (auto &account : m_accounts) {
            if (account->charmId != charmId)
                continue;
            ssh::DirectoryAccount changed = *account;
            changed.keys.removeIf([&](const auto &key) { return key.text == keyText; });
            account = std::make_shared<const ssh::DirectoryAccount>(changed);
        }
    }
    m_unlinked.append({charmId, keyText});
    done({});
}

} // namespace cring::test
