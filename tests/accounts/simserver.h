// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/merge.h"

#include <optional>

namespace cring::test {

/// A Charm server's accounts without a server: what its clients do (server/db/sqlite/storage.go), and changes
/// as the SQL carries them out. tst_database compares that to SQLite.
class SimServer
{
public:
    explicit SimServer(QByteArray id)
        : m_id(std::move(id))
    {
    }

    accounts::ServerState state();
    const QByteArray &id() const { return m_id; }
    const accounts::AccountSet &accounts() const { return m_accounts; }
    std::optional<QByteArray> ownerOf(const QByteArray &key) const;

    /// As if written by hand.
    void set(accounts::AccountSet accounts);
    /// A copy of the file takes its place.
    void restore(const SimServer &copy);

    void logIn(const QByteArray &key, const QByteArray &newCharmId, const QByteArray &time);
    void link(const QByteArray &charmId, const QByteArray &key, const QByteArray &time);
    void unlink(const QByteArray &key);
    void merge(const QByteArray &into, const QByteArray &from);
    bool rename(const QByteArray &charmId, const QByteArray &name);
    void addEncryptKey(const QByteArray &key, const accounts::EncryptKey &encryptKey);
    void nextSequence(const QByteArray &charmId, const QByteArray &name);

    /// One transaction's; returns what became of each.
    std::vector<bool> apply(const std::vector<accounts::Change> &changes);
    std::vector<bool> apply(const std::vector<accounts::ChangeUnit> &units);

private:
    void changeNames(const std::vector<const accounts::Change *> &renames);
    bool nameIsFree(const QByteArray &name) const;
    void tryOne(const accounts::Change &change);
    void tryKey(const accounts::Change &change, accounts::Account &account);
    bool isThere(const accounts::Change &change) const;

    QByteArray m_id;
    accounts::AccountSet m_accounts;
    accounts::RowNumbers m_rows;
    quint32 m_counter = 1;
};

/// "X name=carl k1 k2@3+e1 s=5; Y k3": accounts with their keys, made at second 1 or @n, encrypt keys (+),
/// and a sequence (s, or any other word before a number).
accounts::AccountSet accountsFrom(const QByteArray &words);
/// The same the other way round, for a failed test.
QByteArray wordsOf(const accounts::AccountSet &accounts);

} // namespace cring::test
