// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/drillsample.h"

#include <algorithm>
#include <numeric>

namespace cring::backup {

namespace {

/// The largest size of each class but the last; above the last of these objects are stored in parts.
constexpr std::array<qint64, 4> kEnds{0, 64LL * 1024, 1024LL * 1024, 64LL * 1024 * 1024};

} // namespace

DrillSample::DrillSample(IRandom &random, Limits limits)
    : m_random(random)
    , m_limits(limits)
{
}

size_t DrillSample::classOf(qint64 size)
{
    return static_cast<size_t>(std::ranges::find_if(kEnds, [size](qint64 end) { return size <= end; }) -
                               kEnds.begin());
}

/// Each one of a class has the same chance (Vitter's algorithm R).
void DrillSample::consider(const Item &item)
{
    const size_t index = classOf(item.size);
    const qint64 others =
        std::accumulate(kEnds.begin(), kEnds.end(), qint64{0}) - (index < kEnds.size() ? kEnds.at(index) : 0);
    if (item.size < 0 || item.size > m_limits.bytes - others)
        return;
    Class &its = m_classes.at(index);
    ++its.seen;
    if (its.kept.size() < m_limits.files) {
        its.kept.append(item);
        return;
    }
    const quint64 place = m_random.below(its.seen);
    if (place < static_cast<quint64>(its.kept.size()))
        its.kept[static_cast<qsizetype>(place)] = item;
}

QList<DrillSample::Item> DrillSample::take()
{
    for (Class &its : m_classes) {
        for (qsizetype i = its.kept.size() - 1; i > 0; --i)
            its.kept.swapItemsAt(i, static_cast<qsizetype>(m_random.below(static_cast<quint64>(i) + 1)));
    }
    QList<Item> chosen;
    qint64 bytes = 0;
    for (qsizetype round = 0; round < m_limits.files; ++round) {
        for (const Class &its : m_classes) {
            if (round >= its.kept.size() || chosen.size() >= m_limits.files)
                continue;
            const Item &item = its.kept[round];
            if (bytes + item.size > m_limits.bytes)
                continue;
            bytes += item.size;
            chosen.append(item);
        }
    }
    std::ranges::stable_sort(chosen, std::greater<>(), &Item::size);
    return chosen;
}

} // namespace cring::backup
