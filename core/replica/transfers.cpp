// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/transfers.h"

#include <utility>

namespace cring::replica {

Transfers::Registration::Registration(Transfers &transfers, quint64 id)
    : m_transfers(&transfers)
    , m_id(id)
{
}

Transfers::Registration::Registration(Registration &&other) noexcept
    : m_transfers(std::exchange(other.m_transfers, nullptr))
    , m_id(other.m_id)
{
}

Transfers::Registration &Transfers::Registration::operator=(Registration &&other) noexcept
{
    drop();
    m_transfers = std::exchange(other.m_transfers, nullptr);
    m_id = other.m_id;
    return *this;
}

void Transfers::Registration::end(const QString &state)
{
    Transfers *const transfers = std::exchange(m_transfers, nullptr);
    if (!transfers)
        return;
    const auto entry = transfers->m_underWay.find(m_id);
    entry->second.look(entry->second.transfer);
    Transfer &ended = transfers->m_ended.emplace_front(std::move(entry->second.transfer));
    ended.state = state;
    ended.ended = transfers->m_clock.wall();
    transfers->m_underWay.erase(entry);
    if (transfers->m_ended.size() > kMostEnded)
        transfers->m_ended.pop_back();
}

void Transfers::Registration::drop()
{
    if (Transfers *const transfers = std::exchange(m_transfers, nullptr))
        transfers->m_underWay.erase(m_id);
}

Transfers::Transfers(const IClock &clock)
    : m_clock(clock)
{
}

Transfers::~Transfers()
{
    Q_ASSERT(m_underWay.empty());
}

Transfers::Registration Transfers::add(Transfer::Kind kind, const state::ObjectKey &key, Look look)
{
    const quint64 id = ++m_last;
    Transfer transfer;
    transfer.id = id;
    transfer.kind = kind;
    transfer.key = key;
    transfer.started = m_clock.wall();
    m_underWay.emplace(id, Entry{std::move(transfer), std::move(look)});
    return {*this, id};
}

QList<Transfer> Transfers::list(qsizetype limit) const
{
    QList<Transfer> transfers;
    for (const auto &[id, entry] : m_underWay) {
        if (transfers.size() >= limit)
            return transfers;
        transfers.append(entry.transfer);
        entry.look(transfers.last());
    }
    for (const Transfer &ended : m_ended) {
        if (transfers.size() >= limit || m_clock.wall() - *ended.ended >= kKept)
            break;
        transfers.append(ended);
    }
    return transfers;
}

} // namespace cring::replica
