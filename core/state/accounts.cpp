// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/accounts.h"

namespace cring::state {

Status Accounts::load()
{
    return m_database.session().each(
        QStringLiteral("SELECT account, state, since FROM accounts"), {}, [this](const Row &row) {
            m_accounts[row.blob(0)] = {static_cast<State>(row.int64(1)), row.int64(2)};
        });
}

void Accounts::see(const QByteArray &account)
{
    if (account.isEmpty() || isKnown(account))
        return;
    set(account, State::Seen);
    Q_EMIT seen(account);
}

bool Accounts::isImported(const QByteArray &account) const
{
    const auto known = m_accounts.find(account);
    return known != m_accounts.end() && known->second.state == State::Imported;
}

void Accounts::setImported(const QByteArray &account)
{
    if (isImported(account))
        return;
    set(account, State::Imported);
    Q_EMIT imported(account);
}

void Accounts::goThroughAgain(const QByteArray &account)
{
    if (!isKnown(account))
        return;
    if (isImported(account))
        set(account, State::Seen);
    Q_EMIT seen(account);
}

QByteArrayList Accounts::all() const
{
    QByteArrayList list;
    for (const auto &[account, known] : m_accounts)
        list << account;
    return list;
}

void Accounts::set(const QByteArray &account, State state)
{
    const Account known{state, m_clock.wall().count()};
    m_accounts[account] = known;
    m_database.write([account, known](Session &session) {
        return session.run(
            QStringLiteral("INSERT OR REPLACE INTO accounts (account, state, since) VALUES (?,?,?)"),
            {account, static_cast<int>(known.state), known.since});
    });
}

} // namespace cring::state
