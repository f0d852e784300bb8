// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/roundfollower.h"

#include <algorithm>

namespace cring::service {

namespace {

constexpr QByteArrayView kSequences = "/v1/seq/";

} // namespace

RoundFollower::RoundFollower(accounts::AccountKeeper &keeper, const ssh::Tokens &tokens,
                             state::Accounts &accounts, state::AccountWork &work, QObject *parent)
    : QObject(parent)
    , m_keeper(keeper)
    , m_tokens(tokens)
    , m_accounts(accounts)
    , m_work(work)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &RoundFollower::meetMore);
    connect(&m_keeper, &accounts::AccountKeeper::synchronised, this, &RoundFollower::handleRound);
}

bool RoundFollower::everyServerTookPart() const
{
    const auto &outcome = m_keeper.report()->outcome;
    return outcome.isComplete() && !m_keeper.servers().isEmpty() &&
           std::ranges::all_of(m_keeper.servers(), [&](const accounts::AccountKeeper::Server &server) {
               return std::ranges::any_of(outcome.servers, [&](const accounts::ServerOutcome &one) {
                   return one.id == server.id.toUtf8();
               });
           });
}

void RoundFollower::handleRound()
{
    if (!m_keeper.report() || !everyServerTookPart())
        return;
    settleWork(*m_keeper.report());
    const auto known = m_keeper.accounts();
    if (known == m_known || m_timer.isActive() || !m_tokens.signer())
        return;
    m_known = known;
    m_met.clear();
    meetMore();
}

void RoundFollower::meetMore()
{
    auto next = m_known->upper_bound(m_met);
    for (int i = 0; i < kAtOnce && next != m_known->end(); ++i, ++next) {
        m_accounts.see(next->first);
        m_met = next->first;
    }
    if (next != m_known->end())
        m_timer.start(0);
}

/// Of the servers that took part; one that is not configured now may come back. Sequence numbers are the
/// exception: the ring's own floor may be above what any server has.
void RoundFollower::settleWork(const accounts::AccountKeeper::Report &report)
{
    QSet<QString> servers;
    for (const accounts::ServerOutcome &one : report.outcome.servers)
        servers.insert(QString::fromUtf8(one.id));
    QList<quint64> settled;
    for (const auto &[id, item] : m_work.items()) {
        if (servers.contains(item.server) && item.since < report.begun.count() &&
            !item.target.startsWith(kSequences))
            settled << id;
    }
    for (const quint64 id : std::as_const(settled))
        m_work.done(id);
}

} // namespace cring::service
