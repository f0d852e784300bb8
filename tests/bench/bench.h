// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/bench/results.h"
#include "tests/bench/site.h"

#include <QRegularExpression>

#include <algorithm>
#include <functional>
#include <map>

namespace cring::bench {

struct BenchOptions
{
    int rounds = 3;
    std::chrono::milliseconds time{2000}; ///< Of each measurement; twice that for large files.
    QRegularExpression only;              ///< Matched against "servers: workload, N clients, target".
    std::function<bool()> interrupted;
    std::function<void(const QString &)> progress;
};

/// Runs every workload on every target, round by round: within a round one target follows the other, so that
/// what else goes on in the machine hits all alike. Main thread.
class Bench
{
public:
    Bench(BenchOptions options, std::vector<Site *> sites);

    /// Stops early when interrupted.
    Status run();

    const Results &results() const { return m_results; }

private:
    Status prepare(Site &site);
    void measure(Site &site, Series &series, int round);
    Sample measure(Site &site, const Workload &workload, Target target, int round);
    Work workFor(Site &site, const Workload &workload, Target target, const QString &folder);
    void clear(Site &site, Target target, const QString &folder);
    void checkCopies(Site &site, const QString &folder, size_t acknowledged, const QString &what);
    void note(const QString &problem);
    bool wanted(const Site &site, const Workload &workload, Target target) const;
    const Payload &payload(size_t size);

    BenchOptions m_options;
    std::vector<Site *> m_sites;
    std::map<size_t, Payload> m_payloads;
    Results m_results;
};

} // namespace cring::bench
