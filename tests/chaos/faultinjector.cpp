// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/faultinjector.h"

#include "tests/support/spin.h"

namespace cring::chaos {

namespace {

using namespace std::chrono_literals;

constexpr int Slice = 5; ///< Milliseconds; how exactly an instant is met.

} // namespace

FaultInjector::FaultInjector(Site &site, Gate &gate, const std::vector<Fault> &plan,
                             std::function<Moment()> now)
    : m_site(site)
    , m_gate(gate)
    , m_now(std::move(now))
{
    for (const Fault &fault : plan)
        m_targets[fault.server < 0 ? Ring : static_cast<size_t>(fault.server)].plan.push_back(fault);
    m_site.setWaiter([this](QProcess &process, const std::function<bool()> &done, milliseconds limit) {
        return wait(&process, done, limit);
    });
}

FaultInjector::~FaultInjector()
{
    m_site.setWaiter(test::spinningWaiter());
}

Status FaultInjector::run(const std::function<bool()> &over)
{
    while (m_failure.ok() && !over()) {
        wait(
            nullptr, [] { return false; }, milliseconds(Slice));
        watch();
    }
    return m_failure;
}

/// Something that starts is given up when its next kill is due: that is how a start gets killed.
bool FaultInjector::wait(QProcess *starting, const std::function<bool()> &done, milliseconds limit)
{
    const milliseconds end = sinceStart() + limit;
    const bool isRing = starting && starting == m_site.ring().process();
    while (!done()) {
        if (sinceStart() >= end || (isRing && ringKillDue()))
            return false;
        (void)test::spinUntil([] { return false; }, Slice);
        injectDue();
    }
    return true;
}

bool FaultInjector::finished() const
{
    return std::all_of(m_targets.begin(), m_targets.end(),
                       [](const Target &target) { return target.plan.empty() && !target.heal; });
}

void FaultInjector::injectDue()
{
    for (size_t index = 0; index < m_targets.size(); ++index) {
        Target &target = m_targets[index];
        if (target.busy)
            continue;
        target.busy = true;
        inject(index);
        target.busy = false;
    }
}

void FaultInjector::inject(size_t index)
{
    Target &target = m_targets[index];
    if (target.heal && *target.heal <= sinceStart()) {
        heal(index);
        target.heal.reset();
    }
    if (!target.heal && !target.plan.empty() && target.plan.front().at <= sinceStart()) {
        const Fault fault = target.plan.front();
        target.plan.pop_front();
        begin(index, fault);
    }
}

void FaultInjector::begin(size_t index, const Fault &fault)
{
    Target &target = m_targets[index];
    switch (fault.kind) {
    case Fault::Kind::KillRing:
        killRing(false);
        // After the last one nobody needs it before the servers are back.
        if (!target.plan.empty())
            target.heal = sinceStart() + fault.length;
        return;
    case Fault::Kind::KillServer:
        note(m_site.server(fault.server).name().toUtf8() + " is killed");
        m_site.server(fault.server).kill9();
        ++m_counts.serverKills;
        break;
    case Fault::Kind::StopServer:
        note(m_site.server(fault.server).name().toUtf8() + " is stopped");
        m_site.server(fault.server).pause();
        ++m_counts.serverStops;
        break;
    }
    target.heal = sinceStart() + fault.length;
}

void FaultInjector::heal(size_t index)
{
    if (index == Ring) {
        fail(startRing());
        return;
    }
    auto &server = m_site.server(static_cast<int>(index));
    if (server.isRunning()) {
        server.resume();
        note(server.name().toUtf8() + " goes on");
        return;
    }
    fail(server.start());
    note(server.name().toUtf8() + " is back");
}

void FaultInjector::killRing(bool inStart)
{
    m_gate.close();
    m_ringIsKilled = true;
    note(inStart ? "the ring is killed while it starts" : "the ring is killed");
    fail(m_site.killRing());
    ++m_counts.ringKills;
    m_counts.killsInStart += inStart ? 1 : 0;
}

Status FaultInjector::startRing()
{
    for (;;) {
        note("the ring starts");
        const Status started = m_site.ring().start();
        if (started.ok()) {
            note("the ring is up");
            m_ringIsKilled = false;
            m_counts.starts.push_back(m_site.ring().startTook());
            m_gate.open();
            return {};
        }
        if (!ringKillDue())
            return started;
        // start() has killed what it gave up waiting for.
        m_targets[Ring].plan.pop_front();
        killRing(true);
        if (m_targets[Ring].plan.empty())
            return {};
    }
}

bool FaultInjector::ringKillDue() const
{
    const std::deque<Fault> &plan = m_targets[Ring].plan;
    return !plan.empty() && plan.front().at <= sinceStart();
}

/// What dies unasked is started again, so that the run goes on; of the ring it is a finding.
void FaultInjector::watch()
{
    for (int index = 0; index < Site::Servers; ++index) {
        Target &target = m_targets[static_cast<size_t>(index)];
        if (target.heal || m_site.server(index).isRunning())
            continue;
        note(m_site.server(index).name().toUtf8() + " has ended by itself");
        target.heal = sinceStart();
    }
    if (m_ringIsKilled || m_site.ring().isRunning())
        return;
    m_gate.close();
    m_ringIsKilled = true;
    note("the ring ended by itself");
    m_breaches.push_back(
        {Breach::Kind::Ended,
         "the ring ended by itself before " + toText(m_now()) + ":\n" + m_site.ring().logTail(),
         {}});
    m_targets[Ring].heal = sinceStart();
}

Status FaultInjector::restoreServers()
{
    for (Target &target : m_targets) {
        target.plan.clear();
        target.heal.reset();
    }
    for (int index = 0; index < Site::Servers && m_failure.ok(); ++index) {
        m_site.server(index).resume();
        fail(m_site.server(index).start());
    }
    if (m_failure.ok())
        note("all servers are up");
    return m_failure;
}

Status FaultInjector::restoreRing()
{
    watch();
    if (m_ringIsKilled)
        fail(startRing());
    return m_failure;
}

void FaultInjector::note(const QByteArray &words)
{
    m_events.push_back({m_now(), words});
}

void FaultInjector::fail(const Status &status)
{
    if (m_failure.ok())
        m_failure = status;
}

milliseconds FaultInjector::sinceStart() const
{
    return std::chrono::duration_cast<milliseconds>(m_now());
}

} // namespace cring::chaos
