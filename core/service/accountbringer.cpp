// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/accountbringer.h"

#include <algorithm>

namespace cring::service {

using accounts::AccountKeeper;

AccountBringer::AccountBringer(AccountKeeper &keeper, const IClock &clock, QObject *parent)
    : QObject(parent)
    , m_keeper(keeper)
    , m_clock(clock)
{
}

void AccountBringer::bring(const QString &server, const QByteArray &account, QObject *context, Done done)
{
    forgetOld();
    const Pair pair{server, account};
    const auto found = m_tries.find(pair);
    if (found != m_tries.end() && (!found->second.running || found->second.late)) {
        done(found->second.isThere); // it was asked before the round ended, or the round was no help
        return;
    }
    if (found == m_tries.end() && (m_tries.size() >= kMost || !m_keeper.hasAccessTo(server))) {
        done(false);
        return;
    }
    m_tries[pair].waiting.push_back({context, std::move(done)});
    if (found == m_tries.end())
        begin(pair);
}

void AccountBringer::learn(QObject *context, std::function<void()> done)
{
    const auto once = std::make_shared<std::function<void()>>(std::move(done));
    const auto tell = [once] {
        if (const auto call = std::exchange(*once, nullptr))
            call();
    };
    QTimer::singleShot(kPatience, context, tell);
    m_keeper.sync(context, [tell](const Result<AccountKeeper::Report> &) { tell(); });
}

void AccountBringer::begin(const Pair &pair)
{
    QTimer::singleShot(kPatience, this, [this, pair] { handleLate(pair); });
    m_keeper.sync(this,
                  [this, pair](const Result<AccountKeeper::Report> &report) { handleRound(pair, report); });
}

void AccountBringer::handleRound(const Pair &pair, const Result<AccountKeeper::Report> &report)
{
    Try &one = m_tries[pair];
    one.running = false;
    one.at = m_clock.steady();
    if (report) {
        const auto &servers = report->outcome.servers;
        one.isThere =
            m_keeper.accounts()->contains(pair.second) &&
            std::any_of(servers.begin(), servers.end(), [&](const accounts::ServerOutcome &server) {
                return server.id == pair.first.toUtf8() && !server.error && server.done == server.changes;
            });
    }
    const bool isThere = one.isThere;
    tell(pair);
    if (isThere)
        Q_EMIT brought(pair.first);
}

/// Whoever asks from now on has no timer of their own: the next one is with the next round.
void AccountBringer::handleLate(const Pair &pair)
{
    const auto found = m_tries.find(pair);
    if (found == m_tries.end() || !found->second.running)
        return;
    found->second.late = true;
    tell(pair);
}

void AccountBringer::tell(const Pair &pair)
{
    const auto found = m_tries.find(pair);
    if (found == m_tries.end())
        return;
    const bool isThere = found->second.isThere;
    for (const Waiting &one : std::exchange(found->second.waiting, {})) {
        if (one.context)
            one.done(isThere);
    }
}

void AccountBringer::forgetOld()
{
    const auto before = m_clock.steady() - kAgain;
    std::erase_if(m_tries, [&](const auto &one) { return !one.second.running && one.second.at <= before; });
}

} // namespace cring::service
