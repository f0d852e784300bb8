// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/metricscost.h"

#include "tests/bench/measure.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace cring::bench {

namespace {

using namespace std::chrono_literals;

constexpr size_t kSize = 4 * 1024;
constexpr size_t kNames = 4;
constexpr size_t kClients = 16;
constexpr auto kScrapes = 1s; ///< From one to the next; Prometheus asks each 15 s, unless told otherwise.

/// Asks for the metrics until it ends.
class Scraper
{
public:
    explicit Scraper(const Endpoint &metrics)
        : m_metrics(metrics)
        , m_thread([this] { run(); })
    {
    }

    ~Scraper()
    {
        {
            const std::lock_guard lock(m_mutex);
            m_ends = true;
        }
        m_ending.notify_one();
        m_thread.join();
    }

    double slowestMs() const { return m_slowest; }
    bool failed() const { return m_failed; }

private:
    void run()
    {
        std::unique_lock lock(m_mutex);
        auto next = std::chrono::steady_clock::now();
        while (!m_ending.wait_until(lock, next, [this] { return m_ends; })) {
            const auto began = std::chrono::steady_clock::now();
            next = began + kScrapes;
            if (request(m_metrics, "GET", "/metrics", {}) != 200)
                m_failed = true;
            const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
            m_slowest = std::max(m_slowest.load(), took.count());
        }
    }

    const Endpoint m_metrics;
    std::mutex m_mutex;
    std::condition_variable m_ending;
    bool m_ends = false; ///< Under the mutex.
    std::atomic<bool> m_failed = false;
    std::atomic<double> m_slowest = 0;
    std::thread m_thread;
};

Work workFor(Site &site, const Payload &payload, Work::Kind kind, std::chrono::milliseconds time)
{
    Work work;
    work.kind = kind;
    work.payload = &payload;
    work.servers = {site.ring()};
    work.authorization = site.token();
    work.folder = "/v1/fs/read-" + std::to_string(kSize); // sinks have files of the size that is named so
    work.names = kNames;
    work.clients = kClients;
    work.time = time;
    return work;
}

/// What is read then. What went wrong; empty: nothing.
std::string storeFiles(Site &site, const Payload &payload, const std::function<bool()> &interrupted)
{
    Work work = workFor(site, payload, Work::Kind::Upload, 0ms);
    work.clients = 1;
    std::string problem;
    // It has just begun to look at its servers.
    (void)site.waitFor([&] {
        const Outcome outcome = bench::run(work, interrupted);
        problem = outcome.failed > 0 ? outcome.problem : std::string();
        return problem.empty();
    });
    return problem;
}

Error failure(const std::string &problem)
{
    return {Code::BackendAnswer, QString::fromStdString(problem)};
}

} // namespace

double MetricsCost::share() const
{
    std::vector<double> quotients;
    for (size_t i = 0; i < std::min(watched.size(), without.size()); ++i)
        quotients.push_back(watched[i].rate / without[i].rate);
    std::sort(quotients.begin(), quotients.end());
    return quotients.empty() ? 0 : 1 - quotients[quotients.size() / 2];
}

Result<MetricsCost> measureMetrics(Site &watched, Site &without, int turns, std::chrono::milliseconds time,
                                   const std::function<bool()> &interrupted)
{
    const Payload payload(kSize);
    MetricsCost cost;
    for (Site *site : {&watched, &without}) {
        if (const std::string problem = storeFiles(*site, payload, interrupted); !problem.empty())
            return failure(problem);
        site->settle();
    }
    for (int turn = 0; turn < turns && !interrupted(); ++turn) {
        // Who comes first changes as well.
        const bool first = turn % 2 == 0;
        for (const bool isWatched : {first, !first}) {
            Site &site = isWatched ? watched : without;
            const double before = cpuSeconds(site.ringProcess());
            std::optional<Scraper> scraper;
            if (isWatched)
                scraper.emplace(*site.metrics());
            const Outcome outcome =
                bench::run(workFor(site, payload, Work::Kind::Download, time), interrupted);
            if (outcome.failed > 0 || outcome.completed == 0)
                return failure(outcome.failed > 0 ? outcome.problem : "no request was answered in the time");
            if (scraper && scraper->failed())
                return failure("the metrics cannot be asked for");
            const double cpu = cpuSeconds(site.ringProcess()) - before;
            (isWatched ? cost.watched : cost.without)
                .push_back({outcome.rate(), 1000 * cpu / static_cast<double>(outcome.completed),
                            scraper ? scraper->slowestMs() : 0});
            site.settle();
        }
    }
    return cost;
}

} // namespace cring::bench
