// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/results.h"

#include <algorithm>

namespace cring::bench {

double medianOf(const std::vector<double> &values)
{
    if (values.empty())
        return -1;
    const size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

QString nameOf(Target target)
{
    switch (target) {
    case Target::Direct:
        return QStringLiteral("direct");
    case Target::FanTwo:
        return QStringLiteral("fan 2 of 3");
    case Target::FanAll:
        return QStringLiteral("fan 3 of 3");
    case Target::Ring:
        return QStringLiteral("ring");
    case Target::HaProxy:
        return QStringLiteral("HAProxy");
    }
    return {};
}

bool Workload::runsOn(Target target) const
{
    if (target == Target::FanTwo || target == Target::FanAll)
        return kind == Work::Kind::Upload;
    return target != Target::HaProxy || kind == Work::Kind::Download;
}

double Series::median(Target target, Figure figure) const
{
    std::vector<double> values;
    for (const Sample &sample : of(target)) {
        if (sample.*figure >= 0)
            values.push_back(sample.*figure);
    }
    std::sort(values.begin(), values.end());
    return medianOf(values);
}

std::vector<double> Series::ratios(Figure figure) const
{
    const std::vector<Sample> &ring = of(Target::Ring);
    const std::vector<Sample> &peer = of(workload.peer());
    std::vector<double> values;
    for (size_t round = 0; round < std::min(ring.size(), peer.size()); ++round) {
        if (ring[round].*figure >= 0 && peer[round].*figure > 0)
            values.push_back(ring[round].*figure / (peer[round].*figure));
    }
    std::sort(values.begin(), values.end());
    return values;
}

} // namespace cring::bench
