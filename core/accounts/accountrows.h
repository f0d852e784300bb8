// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountset.h"
#include "core/accounts/sqlrunner.h"

#include <QSet>
#include <QStringList>

#include <optional>
#include <unordered_map>

namespace cring::accounts {

/// Puts the rows of sqltext::reading() together, and judges first whether the tables are a Charm server's.
/// What Charm could not have written (an id that is no uuid, rows without an owner) is left out and counted.
class AccountRows
{
public:
    /// A row of the tables, rather than of what the file holds.
    static bool isAboutAccounts(SqlRow row)
    {
        return row[0] == "user" || row[0] == "key" || row[0] == "sealed" || row[0] == "seq";
    }

    /// False when the file cannot be used, or is more than can be held: see problem().
    bool take(SqlRow row);

    /// Set when the tables are not Charm's, in words that follow the name of the file.
    const std::optional<QString> &problem() const { return m_problem; }

    /// What was met and left as it is, in words.
    const QStringList &warnings() const { return m_warnings; }

    /// Of all accounts, after the last row.
    const RowNumbers &numbers() const { return m_numbers; }

    /// After the last row, once.
    AccountSet finish();

    /// In all texts of one database: several times what 100,000 accounts with two keys each take.
    static constexpr qint64 kMostBytes = 512LL * 1024 * 1024;

private:
    struct Key
    {
        qint64 userId = 0;
        PublicKey key;
    };

    void takeObject(SqlRow row);
    bool judge(SqlRow row);
    void takeUser(SqlRow row);
    void takeKey(SqlRow row);
    void takeSealed(SqlRow row);
    void takeSequence(SqlRow row);
    void warn(int count, const char *what, const QString &words);

    std::optional<QString> m_problem;
    QStringList m_warnings;
    QStringList m_foreign;                         ///< Tables that are not Charm's.
    QSet<QByteArray> m_tables;                     ///< Of Charm's.
    QHash<QByteArray, QSet<QByteArray>> m_columns; ///< By Charm's table.
    qint64 m_bytes = 0;
    int m_oddIds = 0;
    int m_orphans = 0;
    int m_twice = 0;
    int m_oddSequences = 0;
    AccountSet m_accounts;
    RowNumbers m_numbers;
    std::unordered_map<qint64, Account *> m_users; ///< By row number.
    std::map<qint64, Key> m_keys; ///< By row number: the first of several counts, as for Charm.
};

} // namespace cring::accounts
