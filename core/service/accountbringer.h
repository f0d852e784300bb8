// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountkeeper.h"
#include "core/replica/accountbringer.h"

#include <map>

namespace cring::service {

/// Brings accounts to servers that do not know them by a round of the AccountKeeper at once: where it has
/// access to the server's database, and some other server has the account. One for all configurations.
class AccountBringer final : public QObject, public replica::IAccountBringer
{
    Q_OBJECT

public:
    /// How long a request waits; not at all when others have waited so long and the round goes on. With its
    /// second try it is to be over within 3 s.
    static constexpr std::chrono::milliseconds kPatience{2'000};
    /// A server that does not know an account after a round has no other one for it in this time.
    static constexpr std::chrono::milliseconds kAgain{5'000};
    /// Accounts and servers in that time; more go without.
    static constexpr size_t kMost = 1'000;

    /// Both outlive it.
    AccountBringer(accounts::AccountKeeper &keeper, const IClock &clock, QObject *parent = nullptr);

    void bring(const QString &server, const QByteArray &account, QObject *context, Done done) override;
    void learn(QObject *context, std::function<void()> done) override;

Q_SIGNALS:
    /// The server knows an account that it did not know.
    void brought(const QString &server);

private:
    using Pair = std::pair<QString, QByteArray>; ///< Server and account.
    struct Waiting
    {
        QPointer<QObject> context;
        Done done;
    };
    struct Try
    {
        std::chrono::milliseconds at{0}; ///< When it ended, on the steady clock.
        bool running = true;
        bool late = false; ///< Running, and waited for in vain.
        bool isThere = false;
        std::vector<Waiting> waiting;
    };

    void begin(const Pair &pair);
    void handleRound(const Pair &pair, const Result<accounts::AccountKeeper::Report> &report);
    void handleLate(const Pair &pair);
    void tell(const Pair &pair);
    void forgetOld();

    accounts::AccountKeeper &m_keeper;
    const IClock &m_clock;
    std::map<Pair, Try> m_tries;
};

} // namespace cring::service
