// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/chaos.h"

#include "tests/chaos/sabotage.h"
#include "tests/chaos/worker.h"
#include "tests/support/spin.h"

namespace cring::chaos {

namespace {

using namespace std::chrono_literals;

/// Between two looks at whether the servers have become equal; a look costs the machine something.
constexpr int LookInterval = 200;

/// But for what the ring has told.
bool equal(std::vector<Disk> disks, const std::set<PathKey> &told)
{
    for (Disk &disk : disks) {
        for (const PathKey &key : told)
            disk.values.erase(key);
    }
    return std::all_of(disks.begin(), disks.end(), [&](const Disk &disk) {
        return std::equal(
            disk.values.begin(), disk.values.end(), disks.front().values.begin(), disks.front().values.end(),
            [](const auto &a, const auto &b) { return a.first == b.first && a.second.alike(b.second); });
    });
}

milliseconds since(Moment then, Moment now)
{
    return std::chrono::duration_cast<milliseconds>(now - then);
}

} // namespace

Chaos::Chaos(ChaosOptions options)
    : m_options(std::move(options))
    , m_site(m_options.site)
{
}

Chaos::~Chaos()
{
    endLoad();
}

Moment Chaos::now() const
{
    return std::chrono::duration_cast<Moment>(std::chrono::steady_clock::now() - m_begin);
}

Status Chaos::run()
{
    m_options.progress(QStringLiteral("starting %1 servers and the ring").arg(Site::Servers));
    if (Status started = m_site.start(); !started)
        return started;
    if (Status loaded = load(); !loaded)
        return loaded;
    m_options.progress(QStringLiteral("everything is up again; waiting for the servers to become equal"));
    waitForPeace();
    m_options.progress(QStringLiteral("reading everything back"));
    const std::vector<Breach> breaches = judge();
    m_findings.breaches.insert(m_findings.breaches.end(), breaches.begin(), breaches.end());
    return m_options.sabotage.isEmpty() ? Status() : sabotage();
}

Status Chaos::makeWorkers()
{
    for (int client = 0; client < m_options.script.clients; ++client) {
        Worker::Options worker;
        worker.client = client;
        worker.account = client % m_options.script.accounts;
        worker.ring = m_site.endpoint();
        worker.operations = m_options.operations;
        worker.now = [this] {
            return now();
        };
        Result<QByteArray> token = m_site.token(worker.account, client);
        if (!token)
            return token.error();
        worker.token = *token;
        m_workers.push_back(std::make_unique<Worker>(worker, Script(m_options.script, client), m_gate));
    }
    return {};
}

Status Chaos::load()
{
    if (Status made = makeWorkers(); !made)
        return made;
    m_options.progress(QStringLiteral("%1 clients at work").arg(m_options.script.clients));
    m_begin = std::chrono::steady_clock::now();
    FaultInjector injector(m_site, m_gate, planFaults(m_options.faults), [this] { return now(); });
    m_working = m_options.script.clients;
    m_gate.open();
    for (const auto &worker : m_workers) {
        m_threads.emplace_back([this, &worker] {
            worker->run();
            --m_working;
        });
    }
    const Status ran = injector.run([this, &injector] {
        const bool timeIsUp =
            m_options.operations == 0 && injector.finished() && now() >= m_options.faults.duration;
        return timeIsUp || m_working == 0 || m_options.interrupted();
    });
    m_findings.load = since(Moment(0), now());
    const Status back = bringBack(injector);
    for (const auto &worker : m_workers)
        m_findings.journal.insert(m_findings.journal.end(), worker->journal().begin(),
                                  worker->journal().end());
    m_findings.events = injector.events();
    m_findings.faults = injector.counts();
    m_findings.breaches = injector.breaches();
    return ran.ok() ? back : ran;
}

/// Requests that are under way end before the ring is started again: what heals the servers is the ring
/// alone.
Status Chaos::bringBack(FaultInjector &injector)
{
    m_gate.close();
    Status back = injector.restoreServers();
    endLoad();
    if (back.ok())
        back = injector.restoreRing();
    return back;
}

void Chaos::endLoad()
{
    m_gate.end();
    for (std::thread &thread : m_threads)
        thread.join();
    m_threads.clear();
}

void Chaos::waitForPeace()
{
    const Moment begin = now();
    int nextLook = 0;
    const auto done = [&] {
        if (since(begin, now()).count() < nextLook)
            return false;
        const bool peace = m_options.site.powerCuts
                               ? m_site.isGoneThrough() && equal(m_site.disks(), m_site.findings())
                               : m_site.looksEqual() && equal(m_site.disks(), {});
        nextLook = static_cast<int>(since(begin, now()).count()) + LookInterval;
        return peace || m_options.interrupted();
    };
    if (test::spinUntil(done, static_cast<int>(m_options.healLimit.count())))
        m_findings.healed = since(begin, now());
}

/// The disks first: reading through the ring makes it mend what it finds.
Aftermath Chaos::look()
{
    Aftermath aftermath;
    aftermath.disks = m_site.disks();
    if (m_options.site.powerCuts)
        aftermath.told = m_site.findings();
    m_findings.told = aftermath.told.size();
    const Histories histories(m_findings.journal);
    for (const auto &worker : m_workers)
        worker->reconnect();
    for (const auto &[key, history] : histories.all()) {
        if (m_options.interrupted())
            break;
        const auto &worker = m_workers[static_cast<size_t>(key.account)];
        Entry reading = worker->perform({Operation::Kind::Read, key.path, 0, 0, -1}, -1);
        reading.begin = reading.end = EndOfTime;
        aftermath.readings.push_back(std::move(reading));
    }
    m_findings.paths = histories.all().size();
    return aftermath;
}

std::vector<Breach> Chaos::judge()
{
    const Aftermath aftermath = look();
    const Oracle oracle(m_findings.journal);
    std::vector<Breach> breaches = oracle.judgeLoad(m_options.site.powerCuts);
    const std::vector<Breach> after = oracle.judgeAftermath(aftermath);
    breaches.insert(breaches.end(), after.begin(), after.end());
    return breaches;
}

Status Chaos::sabotage()
{
    m_options.progress(QStringLiteral("doing damage, and reading everything back"));
    Sabotage sabotage(m_site, m_findings.journal, m_findings.breaches);
    for (const QByteArray &kind : m_options.sabotage) {
        if (Status committed = sabotage.commit(kind); !committed)
            return committed;
    }
    const std::vector<Breach> breaches = judge();
    m_findings.deeds = sabotage.proven(breaches);
    m_findings.unproven = sabotage.unproven(breaches);
    return {};
}

} // namespace cring::chaos
