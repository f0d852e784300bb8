// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/replica/tokensource.h"

#include <QHash>

#include <optional>

namespace cring::replica {

/// The tokens that work for many accounts has at hand. One that is not there is asked for in passing; that
/// there was none is remembered for a while. One thread.
class AccountTokens final : public QObject
{
    Q_OBJECT

public:
    /// Until an account without a token is asked for again; a token seen in passing is told of at once.
    static constexpr std::chrono::seconds kAskAgain{30};

    /// Both outlive it.
    AccountTokens(ITokenSource &source, const IClock &clock, QObject *parent = nullptr);

    /// Null when there is none now: it has been asked for, and available() comes when that may help.
    const Credentials *find(const QByteArray &account);
    /// Why there is none, in words; "" when none was refused.
    QString problem(const QByteArray &account) const;
    /// What was refused is asked for anew.
    void retry();

Q_SIGNALS:
    void available();

private:
    struct Account
    {
        std::optional<Credentials> credentials;
        bool asking = false;
        std::chrono::milliseconds askAgain{0};
        QString problem;
    };

    void handleObtained(const QByteArray &account, const Result<Credentials> &result);

    ITokenSource &m_source;
    const IClock &m_clock;
    QHash<QByteArray, Account> m_accounts;
};

} // namespace cring::replica
