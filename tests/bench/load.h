// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/bench/payload.h"
#include "tests/support/bareconnection.h"

#include <chrono>
#include <functional>
#include <vector>

namespace cring::bench {

using test::BareConnection;
using test::Endpoint;

/// What clients do over and over until the time is up.
struct Work
{
    enum class Kind { Upload, Download };

    Kind kind = Kind::Upload;
    const Payload *payload = nullptr;
    std::vector<Endpoint> servers; ///< Each request goes to all of them at the same time.
    size_t needed = 1; ///< 200s that complete it; the other servers' answers are taken beside the next one.
    std::string authorization;
    std::string folder; ///< Target of the files' folder.
    size_t names = 0;   ///< Files that are used in turn (uploads: by each client); 0 = a new one each time.
    size_t clients = 1;
    std::chrono::milliseconds time{1000};
};

struct Outcome
{
    std::vector<double> latencies; ///< Milliseconds of the requests that were completed in the time, sorted.
    double seconds = 0;            ///< From the start to the last of them.
    size_t completed = 0;          ///< With those before the time began.
    size_t failed = 0;             ///< So many servers failed that `needed` could not be reached any more.
    size_t failedCopies = 0; ///< Servers that failed a request after it was decided, or beside those needed.
    std::string problem;     ///< Words about one failure.

    double rate() const { return seconds > 0 ? static_cast<double>(latencies.size()) / seconds : 0; }

    /// Of the latencies; below 0 without any.
    double percentile(double share) const;
};

/// Runs the clients, a thread each, and returns when every server has answered to everything. Before the time
/// begins each client connects and makes one round through its names. A failed request is a failure: it is
/// counted, and is neither completed nor in the latencies.
Outcome run(const Work &work, const std::function<bool()> &interrupted);

/// One request without a body, blocking; its status, 0 when there was no answer.
int request(const Endpoint &server, const std::string &method, const std::string &target,
            const std::string &authorization);

} // namespace cring::bench
