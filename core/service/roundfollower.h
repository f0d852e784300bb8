// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountkeeper.h"
#include "core/ssh/tokens.h"
#include "core/state/accounts.h"
#include "core/state/accountwork.h"

#include <QTimer>

namespace cring::service {

/// What follows from a round of the accounts in which every server took part: accounts that no client has
/// brought yet are gone through, where the servers' key brings tokens for them; and names and keys that were
/// owed to a server since before the round are owed no more, for the round has brought what holds. One
/// thread.
class RoundFollower final : public QObject
{
    Q_OBJECT

public:
    /// Accounts that are met in one turn of the event loop.
    static constexpr int kAtOnce = 500;

    /// All outlive it.
    RoundFollower(accounts::AccountKeeper &keeper, const ssh::Tokens &tokens, state::Accounts &accounts,
                  state::AccountWork &work, QObject *parent = nullptr);

private:
    void handleRound();
    void meetMore();
    bool everyServerTookPart() const;
    void settleWork(const accounts::AccountKeeper::Report &report);

    accounts::AccountKeeper &m_keeper;
    const ssh::Tokens &m_tokens;
    state::Accounts &m_accounts;
    state::AccountWork &m_work;
    std::shared_ptr<const accounts::AccountSet> m_known; ///< Those that are being met, or have been.
    QByteArray m_met;                                    ///< The last one.
    QTimer m_timer;
};

} // namespace cring::service
