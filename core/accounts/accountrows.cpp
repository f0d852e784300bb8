// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountrows.h"

#include "core/base/log.h"
#include "core/base/words.h"

#include <QUuid>

namespace cring::accounts {

namespace {

/// Charm's tables with the columns that they have had since its first release (server/db/sqlite/sql.go).
const QHash<QByteArray, QSet<QByteArray>> &charmTables()
{
    static const QHash<QByteArray, QSet<QByteArray>> tables{
        {"charm_user", {"id", "charm_id", "name", "email", "bio", "created_at"}},
        {"public_key", {"id", "user_id", "public_key", "created_at"}},
        {"encrypt_key", {"id", "public_key_id", "global_id", "created_at", "encrypted_key"}},
        {"named_seq", {"id", "user_id", "seq", "name"}},
    };
    return tables;
}

/// Charm's too, but none of ours.
bool isLeftAlone(QByteArrayView table)
{
    return table == "news" || table == "news_tag" || table == "token" || table.startsWith("sqlite_");
}

/// As google/uuid writes it. A charm id is also the name of a folder on every server.
bool isCharmId(QByteArrayView text)
{
    return text.size() == 36 && !QUuid::fromString(text).isNull() &&
           std::all_of(text.begin(), text.end(), [](char c) { return !(c >= 'A' && c <= 'Z'); });
}

QString shown(QByteArrayView name)
{
    return log::oneLine(QString::fromUtf8(name.first(std::min<qsizetype>(name.size(), 60))));
}

QStringList shown(const QSet<QByteArray> &names)
{
    QStringList words;
    for (const QByteArray &name : names)
        words << shown(name);
    words.sort();
    return words;
}

} // namespace

bool AccountRows::take(SqlRow row)
{
    for (const QByteArrayView cell : row)
        m_bytes += cell.size();
    if (m_bytes > kMostBytes) {
        m_problem = QStringLiteral("holds more than %1 of accounts").arg(words::bytes(kMostBytes));
        return false;
    }
    const QByteArrayView tag = row[0];
    if (tag == "user" && row.size() == 7)
        takeUser(row);
    else if (tag == "key" && row.size() == 5)
        takeKey(row);
    else if (tag == "sealed" && row.size() == 5)
        takeSealed(row);
    else if (tag == "seq" && row.size() == 4)
        takeSequence(row);
    else if (tag == "oddseq" && row.size() == 2)
        m_oddSequences = row[1].toInt();
    else if (tag == "object" && row.size() == 4)
        takeObject(row);
    else if (tag == "column" && row.size() == 3)
        m_columns[row[1].toByteArray()].insert(row[2].toByteArray());
    else if (tag == "file" && row.size() == 3)
        return judge(row);
    return !m_problem;
}

void AccountRows::takeObject(SqlRow row)
{
    const QByteArray name = row[2].toByteArray();
    const bool ours = charmTables().contains(name) || charmTables().contains(row[3].toByteArray());
    if (row[1] == "table" && charmTables().contains(name))
        m_tables.insert(name);
    else if (ours)
        // What we write would not be what stands there afterwards.
        m_problem = QStringLiteral("has the %1 %2 where a Charm server has only its table")
                        .arg(QString::fromUtf8(row[1]), shown(name));
    else if (row[1] == "table" && !isLeftAlone(name))
        m_foreign << shown(name);
}

bool AccountRows::judge(SqlRow row)
{
    if (m_problem)
        return false;
    QSet<QByteArray> missing;
    for (auto table = charmTables().begin(); table != charmTables().end(); ++table) {
        if (!m_tables.contains(table.key()))
            missing.insert(table.key());
        else
            for (const QByteArray &column : table.value() - m_columns.value(table.key()))
                missing.insert(table.key() + '.' + column);
    }
    if (!missing.isEmpty())
        m_problem =
            QStringLiteral("has no %1: it is not a Charm server's database, or the server has never run")
                .arg(words::enumeration(shown(missing)));
    else if (row[1] != "0")
        m_problem =
            QStringLiteral("has the schema version %1, which no Charm server that is known here writes")
                .arg(shown(row[1]));
    else if (row[2] != "UTF-8")
        m_problem = QStringLiteral("is written in %1; Charm servers write UTF-8").arg(shown(row[2]));
    if (!m_foreign.isEmpty())
        m_warnings << QStringLiteral("tables that are not Charm's are left alone: %1")
                          .arg(words::enumeration(m_foreign.mid(0, 5)));
    return !m_problem;
}

void AccountRows::takeUser(SqlRow row)
{
    if (!isCharmId(row[2])) {
        ++m_oddIds;
        return;
    }
    const QByteArray charmId = row[2].toByteArray();
    Account &account = m_accounts[charmId];
    account = {
        charmId, row[3].toByteArray(), row[4].toByteArray(), row[5].toByteArray(), row[6].toByteArray(), {},
        {}};
    m_users[row[1].toLongLong()] = &account;
    m_numbers[charmId] = row[1].toLongLong();
}

void AccountRows::takeKey(SqlRow row)
{
    // An integer column may hold text; then it names nobody.
    bool isNumber = false;
    const qint64 userId = row[1].toLongLong(&isNumber);
    if (!isNumber || !m_users.contains(userId) || row[3].isEmpty()) {
        ++m_orphans;
        return;
    }
    m_keys[row[2].toLongLong()] = {userId, {row[3].toByteArray(), row[4].toByteArray(), {}}};
}

void AccountRows::takeSealed(SqlRow row)
{
    bool isNumber = false;
    const auto key = m_keys.find(row[1].toLongLong(&isNumber));
    if (!isNumber || key == m_keys.end() || row[2].isEmpty()) {
        ++m_orphans;
        return;
    }
    insertEncryptKey(key->second.key.encryptKeys,
                     {row[2].toByteArray(), row[3].toByteArray(), row[4].toByteArray()});
}

void AccountRows::takeSequence(SqlRow row)
{
    bool isNumber = false;
    const auto user = m_users.find(row[1].toLongLong(&isNumber));
    if (!isNumber || user == m_users.end())
        ++m_orphans;
    else
        user->second->sequences[row[2].toByteArray()] = row[3].toULongLong();
}

AccountSet AccountRows::finish()
{
    QSet<QByteArray> known;
    known.reserve(static_cast<qsizetype>(m_keys.size()));
    for (auto &[id, entry] : m_keys) {
        if (known.contains(entry.key.text)) {
            ++m_twice;
            continue;
        }
        known.insert(entry.key.text);
        insertKey(m_users[entry.userId]->keys, std::move(entry.key));
    }
    m_keys.clear();
    m_users.clear();
    warn(m_oddIds, "account", QStringLiteral("left out: no charm id"));
    warn(m_orphans, "row", QStringLiteral("left out: of no account"));
    warn(m_twice, "key", QStringLiteral("of two accounts each: the first one counts, as for the server"));
    warn(m_oddSequences, "sequence", QStringLiteral("without a good number: counted as absent"));
    return std::exchange(m_accounts, {});
}

void AccountRows::warn(int count, const char *what, const QString &words)
{
    if (count > 0)
        m_warnings << words::counted(count, what) + u' ' + words;
}

} // namespace cring::accounts
