// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/load.h"

#include "tests/bench/client.h"

#include <poll.h>

#include <algorithm>
#include <cmath>
#include <latch>
#include <thread>

namespace cring::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int RequestLimit = 60'000; ///< Milliseconds.

double millisecondsBetween(Clock::time_point from, Clock::time_point to)
{
    return std::chrono::duration<double, std::milli>(to - from).count();
}

/// What one client saw.
struct Seen
{
    std::vector<double> latencies;
    Clock::time_point last;
};

Seen measure(Client &client, Clock::time_point begin, std::chrono::milliseconds time,
             const std::function<bool()> &interrupted)
{
    Seen seen;
    seen.last = begin;
    while (seen.last - begin < time && !interrupted()) {
        const auto before = Clock::now();
        const bool completed = client.request();
        seen.last = Clock::now();
        if (completed)
            seen.latencies.push_back(millisecondsBetween(before, seen.last));
        else if (client.failed() > 100)
            break; // A dead server refuses so fast that nothing else would be done.
    }
    return seen;
}

} // namespace

double Outcome::percentile(double share) const
{
    if (latencies.empty())
        return -1;
    const double rank = std::ceil(share * static_cast<double>(latencies.size()));
    return latencies[std::clamp<size_t>(static_cast<size_t>(rank), 1, latencies.size()) - 1];
}

Outcome run(const Work &work, const std::function<bool()> &interrupted)
{
    std::vector<std::unique_ptr<Client>> clients;
    for (size_t number = 0; number < work.clients; ++number)
        clients.push_back(std::make_unique<Client>(work, number));
    std::vector<Seen> seen(work.clients);
    std::latch ready(static_cast<std::ptrdiff_t>(work.clients));
    Clock::time_point begin;
    std::latch started(1);
    std::vector<std::thread> threads;
    for (size_t number = 0; number < work.clients; ++number) {
        threads.emplace_back([&, number] {
            Client &client = *clients[number];
            for (size_t round = 0; round < std::max<size_t>(work.names, 1) && !interrupted(); ++round)
                client.request();
            client.drain();
            ready.count_down();
            started.wait();
            seen[number] = measure(client, begin, work.time, interrupted);
            client.drain();
        });
    }
    ready.wait();
    begin = Clock::now();
    started.count_down();
    for (std::thread &thread : threads)
        thread.join();

    Outcome out;
    for (size_t number = 0; number < work.clients; ++number) {
        const Client &client = *clients[number];
        out.latencies.insert(out.latencies.end(), seen[number].latencies.begin(),
                             seen[number].latencies.end());
        out.seconds = std::max(out.seconds, millisecondsBetween(begin, seen[number].last) / 1000);
        out.completed += client.completed();
        out.failed += client.failed();
        out.failedCopies += client.failedCopies();
        if (out.problem.empty())
            out.problem = client.problem();
    }
    std::sort(out.latencies.begin(), out.latencies.end());
    return out;
}

int request(const Endpoint &server, const std::string &method, const std::string &target,
            const std::string &authorization)
{
    BareConnection connection(server);
    connection.start(method + ' ' + target + " HTTP/1.1\r\nHost: " + server.authority() +
                         "\r\nAuthorization: bearer " + authorization + "\r\n\r\n",
                     {}, {});
    while (!connection.done()) {
        pollfd descriptor{connection.descriptor(), connection.events(), 0};
        if (::poll(&descriptor, 1, RequestLimit) == 0)
            return 0;
        connection.advance();
    }
    return connection.status();
}

} // namespace cring::bench
