// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/bench/load.h"

#include <QString>

#include <array>

namespace cring::bench {

/// What requests are sent to.
enum class Target {
    Direct,  ///< One server.
    FanTwo,  ///< The client sends to all three servers itself, and goes on at the second 200.
    FanAll,  ///< At the third.
    Ring,    ///< cring serve in front of the three.
    HaProxy, ///< HAProxy in front of the three; reads only, for it does not replicate.
};
inline constexpr std::array AllTargets{Target::Direct, Target::FanTwo, Target::FanAll, Target::Ring,
                                       Target::HaProxy};

QString nameOf(Target target);

struct Workload
{
    QString name;
    Work::Kind kind = Work::Kind::Upload;
    size_t size = 0;
    bool overwrites = false;
    size_t clients = 1;

    bool isSmall() const { return size < 1024 * 1024; }

    bool runsOn(Target target) const;
    /// What the ring is compared with.
    Target peer() const { return kind == Work::Kind::Upload ? Target::FanTwo : Target::HaProxy; }
};

/// One workload on one target in one round.
struct Sample
{
    size_t requests = 0;
    double p50 = 0; ///< Milliseconds.
    double p99 = 0;
    double rate = 0;        ///< Requests a second.
    double bytes = 0;       ///< A second.
    double cpuRequest = -1; ///< The proxy's CPU seconds for a request, and for a byte; below 0: no proxy.
    double cpuByte = -1;
};

using Figure = double Sample::*;

/// The rounds of one workload, by target; an empty list for a target that it does not run on.
struct Series
{
    QString servers;
    Workload workload;
    std::array<std::vector<Sample>, AllTargets.size()> rounds;

    const std::vector<Sample> &of(Target target) const { return rounds[static_cast<size_t>(target)]; }

    std::vector<Sample> &of(Target target) { return rounds[static_cast<size_t>(target)]; }

    /// The median over the rounds; below 0 when there is none.
    double median(Target target, Figure figure) const;
    /// Each round's quotient of the ring and its peer, sorted.
    std::vector<double> ratios(Figure figure) const;
};

/// Of sorted values; below 0 without any.
double medianOf(const std::vector<double> &values);

/// Everything that a run found out.
struct Results
{
    int rounds = 0;
    double seconds = 0; ///< Of each measurement.
    std::vector<Series> series;
    std::vector<std::pair<QString, qint64>> ringMemory; ///< Peak bytes, by the servers behind it.
    size_t requests = 0;
    size_t failed = 0; ///< Requests.
    size_t failedCopies =
        0; ///< Of the fan's requests: a server that failed, though the request was completed.
    size_t missingCopies = 0; ///< Files that were acknowledged, and a server did not hold once all was quiet.
    QStringList problems;     ///< A few words about them.

    bool clean() const { return failed == 0 && failedCopies == 0 && missingCopies == 0; }
};

} // namespace cring::bench
