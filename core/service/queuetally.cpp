// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/queuetally.h"

#include "core/service/owedkind.h"

namespace cring::service {

namespace {

using namespace std::chrono_literals;

constexpr int kStep = 1'000; ///< Debts; about a millisecond.
constexpr std::chrono::milliseconds kPause = 5s;
/// So many times what the last count took: it is to cost two hundredths of a core at most.
constexpr int kShare = 50;

} // namespace

const QStringList &QueueTally::kinds()
{
    static const QStringList all{
        QStringLiteral("copy"),  QStringLiteral("delete"), QStringLiteral("folder"),
        QStringLiteral("extra"), QStringLiteral("check"),  QStringLiteral("conflict"),
        QStringLiteral("name"),  QStringLiteral("key"),    QStringLiteral("number")};
    return all;
}

QueueTally::QueueTally(Parts parts, QObject *parent)
    : QObject(parent)
    , m_parts(std::move(parts))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &QueueTally::step);
}

QueueTally::Rows QueueTally::of(const QString &server) const
{
    return m_rows.value(server);
}

void QueueTally::begin()
{
    m_isCounting = true;
    m_next.clear();
    m_left = m_parts.servers();
    m_after.clear();
    m_spent = {};
    for (const auto &[id, item] : m_parts.accountWork.items()) {
        if (!m_parts.isSetAside(item.account))
            m_next[item.server][accountWorkKind(item.target)].add(item.since);
    }
}

void QueueTally::step()
{
    if (!m_isCounting)
        begin();
    if (m_left.isEmpty()) {
        finish();
        return;
    }
    const auto began = m_parts.clock.steady();
    const QString &server = m_left.first();
    const state::Catalogue::Debts &debts = m_parts.catalogue.debts(server);
    Rows &rows = m_next[server];
    auto debt = m_after.isEmpty() ? debts.begin() : debts.upper_bound(m_after);
    for (int i = 0; i < kStep && debt != debts.end(); ++i, ++debt) {
        m_after = debt->first;
        if (!m_parts.isSetAside(state::accountOf(debt->first)))
            rows[owedKind(m_parts.catalogue.find(debt->first), debt->second.debt)].add(debt->second.since);
    }
    if (debt == debts.end()) {
        m_left.removeFirst();
        m_after.clear();
    }
    m_spent += m_parts.clock.steady() - began;
    m_timer.start(0);
}

void QueueTally::finish()
{
    m_isCounting = false;
    m_rows = std::exchange(m_next, {});
    m_timer.start(std::max(kPause, m_spent * kShare));
}

} // namespace cring::service
