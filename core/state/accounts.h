// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/state/database.h"

#include <QObject>

#include <map>

namespace cring::state {

/// The accounts that the ring has met, by their charm ids, and whether the catalogue knows all of an
/// account's files: it does once every server's files have been gone through. Until then there may be files
/// without a record, and what servers say decides. One thread.
class Accounts final : public QObject
{
    Q_OBJECT

public:
    /// The numbers are in the database.
    enum class State : quint8 {
        Seen = 0,     ///< A token of the account has been seen, or a record of it.
        Imported = 1, ///< What the catalogue does not have is not the ring's.
    };

    Accounts(Database &database, const IClock &clock)
        : m_database(database)
        , m_clock(clock)
    {
    }

    /// Before the event loop runs.
    Status load();
    /// The account exists. Nothing when that is known.
    void see(const QByteArray &account);
    bool isKnown(const QByteArray &account) const { return m_accounts.contains(account); }
    bool isImported(const QByteArray &account) const;
    void setImported(const QByteArray &account);
    /// Nobody looked after its files for a while: they are to be gone through once more. Nothing when the
    /// account is not known.
    void goThroughAgain(const QByteArray &account);
    /// By charm id.
    QByteArrayList all() const;

Q_SIGNALS:
    /// A new one.
    void seen(const QByteArray &account);
    void imported(const QByteArray &account);

private:
    struct Account
    {
        State state = State::Seen;
        qint64 since = 0; ///< Of the state: ms since 1970, UTC.
    };

    void set(const QByteArray &account, State state);

    Database &m_database;
    const IClock &m_clock;
    std::map<QByteArray, Account> m_accounts;
};

} // namespace cring::state
