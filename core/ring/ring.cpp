// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ring/ring.h"

#include <QHash>

#define XXH_STATIC_LINKING_ONLY // For a state on the stack.
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace cring::ring {

namespace {

using Draws = Ring::Draws;

/// After so many the shares are within one or two partitions of their targets.
constexpr int kCorrections = 6;

quint64 hashOf(QByteArrayView bytes, quint64 seed)
{
    return XXH64(bytes.data(), static_cast<size_t>(bytes.size()), seed);
}

/// (0, 1), both ends excluded, from the 53 bits that a double keeps.
double unit(quint64 hash)
{
    return (static_cast<double>(hash >> 11) + 0.5) * 0x1.0p-53;
}

Draws drawsOf(const QString &id)
{
    const QByteArray bytes = id.toUtf8();
    std::array<quint64, Ring::kPartitions> hashes;
    std::array<quint16, Ring::kPartitions> ranked;
    std::iota(ranked.begin(), ranked.end(), quint16(0));
    for (size_t partition = 0; partition < hashes.size(); ++partition)
        hashes[partition] = hashOf(bytes, partition);
    std::ranges::sort(ranked, {}, [&](quint16 partition) { return std::pair(hashes[partition], partition); });

    Draws draws;
    for (size_t rank = 0; rank < ranked.size(); ++rank) {
        const quint16 partition = ranked[rank];
        const double within = unit(hashOf(bytes, quint64(Ring::kPartitions) + partition));
        draws[partition] = (static_cast<double>(rank) + within) / Ring::kPartitions;
    }
    return draws;
}

/// A member cannot hold two copies of a file: who would have to is given one of each, and the others share
/// the rest.
std::vector<double> targetsOf(const QList<Member> &members, int copies)
{
    constexpr double unset = -1;
    std::vector<double> targets(static_cast<size_t>(members.size()), unset);
    double left = copies;
    for (bool capped = true; capped;) {
        capped = false;
        double weight = 0;
        for (size_t i = 0; i < targets.size(); ++i)
            weight += targets[i] == unset ? members[static_cast<qsizetype>(i)].weight : 0;
        std::vector<double> next = targets;
        for (size_t i = 0; i < targets.size(); ++i) {
            if (targets[i] != unset)
                continue;
            const double share = left * members[static_cast<qsizetype>(i)].weight / weight;
            capped = capped || share >= 1;
            next[i] = std::min(share, 1.0);
        }
        if (!capped)
            return next;
        for (size_t i = 0; i < targets.size(); ++i) {
            if (targets[i] == unset && next[i] >= 1) {
                targets[i] = 1;
                left -= 1;
            }
        }
        capped = std::ranges::find(targets, unset) != targets.end();
    }
    return targets;
}

/// The logarithm of the odds, which sorts as they do; infinite for a member that holds everything.
double logOdds(double probability)
{
    return probability >= 1 ? std::numeric_limits<double>::infinity()
                            : std::log(probability / (1 - probability));
}

} // namespace

Ring::Ring(QList<Member> members, int copies)
    : m_members(std::move(members))
    , m_copies(static_cast<int>(std::min<qsizetype>(copies, m_members.size())))
    , m_targets(targetsOf(m_members, m_copies))
    , m_order(size(m_members.size()) * kPartitions)
{
    Q_ASSERT(m_members.size() <= kMaxMembers);
    Q_ASSERT(copies >= 1);
    const size_t count = size(m_members.size());
    std::vector<Draws> draws(count);
    std::vector<double> odds(count);
    for (size_t i = 0; i < count; ++i) {
        draws[i] = drawsOf(m_members[static_cast<qsizetype>(i)].id);
        odds[i] = logOdds(m_targets[i]);
    }
    const bool weighted = std::ranges::any_of(
        m_members, [&](const Member &member) { return member.weight != m_members.front().weight; });
    sortMembers(draws, odds);
    for (int round = 0; weighted && round < kCorrections; ++round) {
        correct(odds);
        sortMembers(draws, odds);
    }
}

void Ring::sortMembers(const std::vector<Draws> &draws, const std::vector<double> &odds)
{
    const size_t count = odds.size();
    std::vector<double> scores(count);
    for (size_t partition = 0; partition < kPartitions; ++partition) {
        const std::span<quint16> row(m_order.data() + partition * count, count);
        std::iota(row.begin(), row.end(), quint16(0));
        for (size_t i = 0; i < count; ++i)
            scores[i] = odds[i] + logOdds(draws[i][partition]);
        std::ranges::sort(row, [&](quint16 a, quint16 b) {
            if (scores[a] != scores[b])
                return scores[a] > scores[b];
            if (draws[a][partition] != draws[b][partition])
                return draws[a][partition] > draws[b][partition];
            return m_members[a].id < m_members[b].id;
        });
    }
}

/// Moves every member's odds by how far what it owns is from its target.
void Ring::correct(std::vector<double> &odds) const
{
    std::vector<int> owned(odds.size());
    for (int partition = 0; partition < kPartitions; ++partition) {
        for (const quint16 owner : owners(partition))
            ++owned[owner];
    }
    for (size_t i = 0; i < odds.size(); ++i) {
        const double share = static_cast<double>(std::clamp(owned[i], 1, kPartitions - 1)) / kPartitions;
        if (m_targets[i] < 1)
            odds[i] += logOdds(m_targets[i]) - logOdds(share);
    }
}

int Ring::partitionOf(QByteArrayView key)
{
    return static_cast<int>(hashOf(key, 0) % kPartitions);
}

int Ring::partitionOf(QByteArrayView charmId, QByteArrayView escapedPath)
{
    XXH64_state_t state;
    XXH64_reset(&state, 0);
    XXH64_update(&state, charmId.data(), size(charmId.size()));
    XXH64_update(&state, "/", 1);
    XXH64_update(&state, escapedPath.data(), size(escapedPath.size()));
    return static_cast<int>(XXH64_digest(&state) % kPartitions);
}

std::span<const quint16> Ring::order(int partition) const
{
    Q_ASSERT(partition >= 0 && partition < kPartitions);
    const size_t count = size(m_members.size());
    return {m_order.data() + size(partition) * count, count};
}

int movedCopies(const Ring &from, const Ring &to)
{
    int moved = 0;
    for (int partition = 0; partition < Ring::kPartitions; ++partition) {
        const auto before = from.owners(partition);
        moved += static_cast<int>(std::ranges::count_if(to.owners(partition), [&](quint16 now) {
            return std::ranges::none_of(
                before, [&](quint16 then) { return from.members()[then].id == to.members()[now].id; });
        }));
    }
    return moved;
}

double leastMovedCopies(const Ring &from, const Ring &to)
{
    QHash<QString, double> before;
    for (qsizetype i = 0; i < from.members().size(); ++i)
        before.insert(from.members()[i].id, from.targets()[static_cast<size_t>(i)]);
    double least = 0;
    for (qsizetype i = 0; i < to.members().size(); ++i)
        least += std::max(0.0, to.targets()[static_cast<size_t>(i)] - before.value(to.members()[i].id, 0.0));
    return least * Ring::kPartitions;
}

} // namespace cring::ring
