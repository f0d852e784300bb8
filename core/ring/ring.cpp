// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ring/ring.h"
#include <algorithm>
#include <cmath>
#include <numeric>
#include <xxhash.h>
namespace cring::ring {
Ring::Ring(const QList<Member> &members) : m_members(static_cast<size_t>(members.size()))
{
    m_order.resize(m_members * kPartitions);
    for (int p = 0; p < kPartitions; ++p) {
        std::vector<double> score;
        for (const Member &m : members) {
            const QByteArray k = m.id.toUtf8() + '/' + QByteArray::number(p);
            const double u = (static_cast<double>(XXH64(k.data(), static_cast<size_t>(k.size()), 0) >> 11) + 0.5) * 0x1.0p-53;
            score.push_back(-m.weight / std::log(u));
        }
        auto *row = &m_order[static_cast<size_t>(p) * m_members];
        std::iota(row, row + m_members, quint16(0));
        std::sort(row, row + m_members, [&](quint16 a, quint16 b) { return score[a] > score[b]; });
    }
}
int Ring::partitionOf(QByteArrayView key) { return static_cast<int>(XXH64(key.data(), static_cast<size_t>(key.size()), 0) % kPartitions); }
std::span<const quint16> Ring::order(QByteArrayView key) const { return {&m_order[static_cast<size_t>(partitionOf(key)) * m_members], m_members}; }
} // namespace cring::ring
