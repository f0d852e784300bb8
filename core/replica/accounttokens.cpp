// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/accounttokens.h"

namespace cring::replica {

AccountTokens::AccountTokens(ITokenSource &source, const IClock &clock, QObject *parent)
    : QObject(parent)
    , m_source(source)
    , m_clock(clock)
{
    connect(&m_source, &ITokenSource::available, this, [this](const QByteArray &account) {
        if (account.isEmpty())
            m_accounts.clear();
        else
            m_accounts.remove(account);
        Q_EMIT available();
    });
}

const Credentials *AccountTokens::find(const QByteArray &account)
{
    Account &known = m_accounts[account];
    if (known.credentials && known.credentials->lasts(m_clock.wall()))
        return &*known.credentials;
    if (known.asking || known.askAgain > m_clock.steady())
        return nullptr;
    known.asking = true;
    m_source.obtain(account, this,
                    [this, account](const Result<Credentials> &result) { handleObtained(account, result); });
    // It may have been at hand.
    const Account &asked = m_accounts[account];
    return asked.credentials && !asked.asking ? &*asked.credentials : nullptr;
}

void AccountTokens::handleObtained(const QByteArray &account, const Result<Credentials> &result)
{
    Account &asked = m_accounts[account];
    asked.asking = false;
    if (result) {
        asked.credentials = *result;
        asked.problem.clear();
        Q_EMIT available();
    } else {
        asked.credentials.reset();
        asked.problem = result.error().detail;
        asked.askAgain = m_clock.steady() + kAskAgain;
    }
}

QString AccountTokens::problem(const QByteArray &account) const
{
    const auto known = m_accounts.constFind(account);
    return known == m_accounts.constEnd() ? QString() : known->problem;
}

void AccountTokens::retry()
{
    m_accounts.clear();
}

} // namespace cring::replica
