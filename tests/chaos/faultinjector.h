// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/chaos/faultplan.h"
#include "tests/chaos/gate.h"
#include "tests/chaos/site.h"

#include <array>
#include <deque>
#include <functional>

namespace cring::chaos {

/// Does to the ring and its servers what the plan says, while the clients work. One target at a time is
/// started or ended; the others' faults go on meanwhile. Main thread.
class FaultInjector
{
public:
    FaultInjector(Site &site, Gate &gate, const std::vector<Fault> &plan, std::function<Moment()> now);
    ~FaultInjector();

    /// Goes on until over() is true. The ring is left dead when its last kill was the end of the plan.
    Status run(const std::function<bool()> &over);
    /// Everything planned has been done.
    bool finished() const;
    /// What is still planned will not be done; servers that are dead or stopped go on.
    Status restoreServers();
    Status restoreRing();

    const std::vector<Event> &events() const { return m_events; }
    /// What ended without being asked to.
    const std::vector<Breach> &breaches() const { return m_breaches; }

    struct Counts
    {
        int ringKills = 0;
        int killsInStart = 0; ///< Of these, before it had answered for the first time.
        int serverKills = 0;
        int serverStops = 0;
        std::vector<milliseconds> starts; ///< Of the ring, up to its first answer.
    };
    const Counts &counts() const { return m_counts; }

private:
    struct Target
    {
        std::deque<Fault> plan;
        std::optional<milliseconds> heal; ///< When the fault that is under way ends.
        bool busy = false;                ///< Being started or ended, further up in the stack.
    };

    static constexpr size_t Ring = Site::Servers; ///< Index of its target.

    bool wait(QProcess *starting, const std::function<bool()> &done, milliseconds limit);
    void injectDue();
    void inject(size_t index);
    void begin(size_t index, const Fault &fault);
    void heal(size_t index);
    void killRing(bool inStart);
    Status startRing();
    bool ringKillDue() const;
    void watch();
    void note(const QByteArray &words);
    void fail(const Status &status);
    milliseconds sinceStart() const;

    Site &m_site;
    Gate &m_gate;
    std::function<Moment()> m_now;
    std::array<Target, Site::Servers + 1> m_targets;
    std::vector<Event> m_events;
    std::vector<Breach> m_breaches;
    Counts m_counts;
    bool m_ringIsKilled = false;
    Status m_failure;
};

} // namespace cring::chaos
