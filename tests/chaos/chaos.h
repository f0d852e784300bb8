// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/chaos/faultinjector.h"
#include "tests/chaos/script.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

namespace cring::chaos {

class Worker;

struct ChaosOptions
{
    Script::Options script;
    FaultOptions faults;
    Site::Options site;
    int operations = 0;             ///< Of each client; 0: as many as fit into the time.
    milliseconds healLimit{60'000}; ///< For the servers to become equal when everything is up again.
    QByteArrayList sabotage;        ///< Kinds of damage that the oracle has to find; empty: none.
    std::function<bool()> interrupted = [] {
        return false;
    };
    std::function<void(const QString &)> progress = [](const QString &) {
    };
};

/// What came of a run.
struct Findings
{
    Journal journal;
    std::vector<Event> events;
    FaultInjector::Counts faults;
    std::vector<Breach> breaches;
    milliseconds load{0};
    std::optional<milliseconds> healed; ///< From "everything is up" to equal servers; nothing: not in time.
    size_t paths = 0;                   ///< That were looked at afterwards.
    size_t told = 0;                    ///< That the ring leaves to a person.
    QByteArrayList deeds;               ///< Sabotage, and how it was found.
    QByteArrayList unproven;            ///< Sabotage that was not found, and findings that are none.

    /// Every promise was kept. With sabotage it is the oracle that is judged.
    bool good() const { return deeds.isEmpty() ? breaches.empty() : unproven.isEmpty(); }
};

/// One run: a load of clients under faults, peace, and judgement. Main thread.
class Chaos
{
public:
    explicit Chaos(ChaosOptions options);
    ~Chaos();

    /// Fails when there was no run, as when a server could not be started; what the ring did wrong is in the
    /// findings.
    Status run();

    const Findings &findings() const { return m_findings; }

private:
    Status load();
    Status bringBack(FaultInjector &injector);
    Status makeWorkers();
    void endLoad();
    void waitForPeace();
    Aftermath look();
    std::vector<Breach> judge();
    Status sabotage();
    Moment now() const;

    ChaosOptions m_options;
    Site m_site;
    Gate m_gate;
    std::vector<std::unique_ptr<Worker>> m_workers;
    std::vector<std::thread> m_threads;
    std::atomic<int> m_working = 0;
    std::chrono::steady_clock::time_point m_begin;
    Findings m_findings;
};

} // namespace cring::chaos
