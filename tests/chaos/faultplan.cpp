// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/faultplan.h"

#include "core/base/random.h"

#include <algorithm>
#include <cmath>

namespace cring::chaos {

namespace {

/// Between two faults of one server, on average, and how long they take: short ones often, and some that
/// outlast the ring's patience. A server is away for about a sixth of the time, two of three for a tenth.
constexpr milliseconds ServerPeace{6'000};
constexpr milliseconds ShortestFault{30};
constexpr milliseconds LongestFault{6'000};
/// The ring is not always started again at once.
constexpr quint64 LongestRest = 150;

/// Uniform in (0, 1).
double unit(IRandom &random)
{
    return (static_cast<double>(random.next() >> 11) + 0.5) * 0x1.0p-53;
}

milliseconds rounded(double value)
{
    return milliseconds(std::llround(value));
}

milliseconds faultLength(IRandom &random)
{
    const double shortest = std::log(static_cast<double>(ShortestFault.count()));
    const double longest = std::log(static_cast<double>(LongestFault.count()));
    return rounded(std::exp(shortest + unit(random) * (longest - shortest)));
}

void planServer(int server, const FaultOptions &options, IRandom &random, std::vector<Fault> &faults)
{
    const auto gap = [&] {
        return rounded(-std::log(unit(random)) * static_cast<double>(ServerPeace.count()));
    };
    for (milliseconds at = gap(); at < options.duration;) {
        const bool stops = random.below(2) == 0;
        const milliseconds length = faultLength(random);
        faults.push_back({stops ? Fault::Kind::StopServer : Fault::Kind::KillServer, server, at, length});
        at += length + gap();
    }
}

QByteArray seconds(milliseconds time)
{
    return QByteArray::number(static_cast<double>(time.count()) / 1000, 'f', 3) + " s";
}

} // namespace

QByteArray Fault::words() const
{
    const QByteArray name = server < 0 ? QByteArray("the ring") : "charm" + QByteArray::number(server + 1);
    return "at " + seconds(at) + ' ' + name +
           (kind == Kind::StopServer ? " is stopped for " : " is killed for ") + seconds(length);
}

std::vector<Fault> planFaults(const FaultOptions &options)
{
    std::vector<Fault> faults;
    SeededRandom random(options.seed);
    const auto span = static_cast<quint64>(std::max<qint64>(1, options.duration.count()));
    for (int kill = 1; kill < options.kills; ++kill) {
        const milliseconds at(static_cast<qint64>(random.below(span)));
        const milliseconds rest(random.below(4) == 0 ? static_cast<qint64>(random.below(LongestRest)) : 0);
        faults.push_back({Fault::Kind::KillRing, -1, at, rest});
    }
    for (int server = 0; options.serverFaults && server < options.servers; ++server)
        planServer(server, options, random, faults);
    if (options.kills > 0)
        faults.push_back({Fault::Kind::KillRing, -1, options.duration, milliseconds(0)});
    std::stable_sort(faults.begin(), faults.end(),
                     [](const Fault &a, const Fault &b) { return a.at < b.at; });
    return faults;
}

} // namespace cring::chaos
