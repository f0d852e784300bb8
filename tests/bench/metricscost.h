// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/bench/site.h"

#include <chrono>
#include <functional>
#include <vector>

namespace cring::bench {

/// One turn of 16 clients that read small files, which is the most requests a second that there are.
struct Turn
{
    double rate = 0;          ///< Requests a second.
    double cpuMs = 0;         ///< Of the ring, for a request.
    double slowestScrape = 0; ///< Milliseconds; 0: nobody asked.
};

struct MetricsCost
{
    std::vector<Turn> watched; ///< Asked for its metrics each second.
    std::vector<Turn> without; ///< A ring that has none.

    /// How many requests a second fewer the watched ring answers, as a share of the other's; below 0: more.
    /// The median of the turns' quotients, for what else this machine does changes from turn to turn.
    double share() const;
};

/// The two rings take turns. An error when a request failed, or a scrape.
Result<MetricsCost> measureMetrics(Site &watched, Site &without, int turns, std::chrono::milliseconds time,
                                   const std::function<bool()> &interrupted);

} // namespace cring::bench
