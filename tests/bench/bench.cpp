// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/bench.h"

#include "tests/bench/measure.h"

namespace cring::bench {

namespace {

constexpr size_t Small = 4 * 1024;
constexpr size_t Large = 64 * 1024 * 1024;
constexpr size_t OverwrittenNames = 8; ///< A client's files that are overwritten in turn.
constexpr size_t ReadNames = 4;        ///< Files that are read in turn.
constexpr qsizetype MaxProblems = 20;

std::vector<Workload> workloads(bool keepsFiles)
{
    using Kind = Work::Kind;
    std::vector<Workload> out;
    for (const size_t clients : {1U, 16U}) {
        out.push_back({QStringLiteral("4 KiB upload, new"), Kind::Upload, Small, false, clients});
        if (keepsFiles)
            out.push_back({QStringLiteral("4 KiB upload, overwriting"), Kind::Upload, Small, true, clients});
        out.push_back({QStringLiteral("4 KiB download"), Kind::Download, Small, false, clients});
    }
    for (const size_t clients : {1U, 4U}) {
        out.push_back({QStringLiteral("64 MiB upload, new"), Kind::Upload, Large, false, clients});
        out.push_back({QStringLiteral("64 MiB download"), Kind::Download, Large, false, clients});
    }
    return out;
}

std::string targetOf(const QString &folder)
{
    return "/v1/fs/" + folder.toStdString();
}

QString readFolder(size_t size)
{
    return QStringLiteral("read-%1").arg(size);
}

QString label(const Site &site, const Workload &workload, Target target)
{
    return QStringLiteral("%1: %2, %3 clients, %4")
        .arg(site.name(), workload.name)
        .arg(workload.clients)
        .arg(nameOf(target));
}

/// The process whose CPU time counts; 0 = none.
qint64 proxyOf(const Site &site, Target target)
{
    return target == Target::Ring      ? site.ringProcess()
           : target == Target::HaProxy ? site.haproxyProcess()
                                       : 0;
}

Sample sampleOf(const Outcome &outcome, size_t size, double cpu)
{
    Sample sample;
    sample.requests = outcome.latencies.size();
    sample.p50 = outcome.percentile(0.5);
    sample.p99 = outcome.percentile(0.99);
    sample.rate = outcome.rate();
    sample.bytes = sample.rate * static_cast<double>(size);
    const size_t all = outcome.completed + outcome.failed;
    if (cpu >= 0 && all > 0) {
        sample.cpuRequest = cpu / static_cast<double>(all);
        sample.cpuByte = sample.cpuRequest / static_cast<double>(size);
    }
    return sample;
}

} // namespace

Bench::Bench(BenchOptions options, std::vector<Site *> sites)
    : m_options(std::move(options))
    , m_sites(std::move(sites))
{
    m_results.rounds = m_options.rounds;
    m_results.seconds = std::chrono::duration<double>(m_options.time).count();
}

Status Bench::run()
{
    std::vector<std::pair<Site *, Series>> plan;
    for (Site *site : m_sites) {
        if (Status prepared = prepare(*site); !prepared.ok())
            return prepared;
        for (const Workload &workload : workloads(!site->filesIn({}).empty()))
            plan.push_back({site, Series{site->name(), workload, {}}});
    }
    for (int round = 1; round <= m_options.rounds; ++round) {
        for (auto &[site, series] : plan)
            measure(*site, series, round);
    }
    for (auto &[site, series] : plan) {
        const bool ran = std::any_of(series.rounds.begin(), series.rounds.end(),
                                     [](const auto &rounds) { return !rounds.empty(); });
        if (ran)
            m_results.series.push_back(std::move(series));
    }
    for (const Site *site : m_sites)
        m_results.ringMemory.emplace_back(site->name(), peakMemory(site->ringProcess()));
    return {};
}

/// Stores the files that are read, through the ring: it knows them then, as it does in daily use.
Status Bench::prepare(Site &site)
{
    for (const size_t size : {Small, Large}) {
        Work work = workFor(site, {{}, Work::Kind::Upload, size, false, 1}, Target::Ring, readFolder(size));
        work.time = std::chrono::milliseconds(0);
        work.names = ReadNames;
        const Outcome outcome = bench::run(work, m_options.interrupted);
        if (outcome.failed > 0)
            return Error{Code::BackendAnswer, QStringLiteral("cannot store a file through the ring: %1")
                                                  .arg(QString::fromStdString(outcome.problem))};
        site.settle();
    }
    return {};
}

void Bench::measure(Site &site, Series &series, int round)
{
    for (const Target target : AllTargets) {
        if (m_options.interrupted() || !series.workload.runsOn(target) ||
            !wanted(site, series.workload, target))
            continue;
        m_options.progress(
            QStringLiteral("round %1: %2").arg(round).arg(label(site, series.workload, target)));
        series.of(target).push_back(measure(site, series.workload, target, round));
    }
}

Sample Bench::measure(Site &site, const Workload &workload, Target target, int round)
{
    const bool upload = workload.kind == Work::Kind::Upload;
    const QString folder =
        upload ? QStringLiteral("bench-%1-%2-%3-%4-%5")
                     .arg(static_cast<int>(target))
                     .arg(round)
                     .arg(workload.size)
                     .arg(workload.clients)
                     .arg(workload.overwrites ? QLatin1String("overwriting") : QLatin1String("new"))
               : readFolder(workload.size);
    const qint64 proxy = proxyOf(site, target);
    const double before = proxy > 0 ? cpuSeconds(proxy) : 0;
    const Outcome outcome = bench::run(workFor(site, workload, target, folder), m_options.interrupted);
    // What the ring has still to do for the third server belongs to its costs.
    site.settle();
    const double cpu = proxy > 0 ? cpuSeconds(proxy) - before : -1;

    m_results.requests += outcome.completed + outcome.failed;
    m_results.failed += outcome.failed;
    m_results.failedCopies += outcome.failedCopies;
    if (!outcome.problem.empty())
        note(label(site, workload, target) + QStringLiteral(": ") + QString::fromStdString(outcome.problem));
    if (upload && !workload.overwrites && target != Target::Direct)
        checkCopies(site, folder, outcome.completed, label(site, workload, target));
    if (upload)
        clear(site, target, folder);
    return sampleOf(outcome, workload.size, cpu);
}

Work Bench::workFor(Site &site, const Workload &workload, Target target, const QString &folder)
{
    Work work;
    work.kind = workload.kind;
    work.payload = &payload(workload.size);
    work.authorization = site.token();
    work.folder = targetOf(folder);
    work.clients = workload.clients;
    // A large file takes long: a few of them at least.
    work.time = workload.isSmall() ? m_options.time : 2 * m_options.time;
    work.names = workload.kind == Work::Kind::Download ? ReadNames
                 : workload.overwrites                 ? OverwrittenNames
                                                       : 0;
    work.servers = target == Target::Direct    ? std::vector{site.servers().front()}
                   : target == Target::Ring    ? std::vector{site.ring()}
                   : target == Target::HaProxy ? std::vector{site.haproxy()}
                                               : site.servers();
    work.needed = target == Target::FanTwo ? 2 : work.servers.size();
    return work;
}

/// Each measurement starts with the same disk.
void Bench::clear(Site &site, Target target, const QString &folder)
{
    const std::vector<Endpoint> servers = target == Target::Ring ? std::vector{site.ring()} : site.servers();
    for (const Endpoint &server : servers) {
        const int status = request(server, "DELETE", targetOf(folder), site.token());
        if (status != 200)
            note(QStringLiteral("cannot delete %1: %2").arg(folder).arg(status));
    }
    site.settle();
}

/// The quorum of two is what was waited for; a third copy that never comes would be a faster system, and a
/// worse one.
void Bench::checkCopies(Site &site, const QString &folder, size_t acknowledged, const QString &what)
{
    size_t missing = 0;
    for (const size_t files : site.filesIn(folder))
        missing += files < acknowledged ? acknowledged - files : 0;
    if (missing > 0)
        note(QStringLiteral("%1: %2 copies of acknowledged files are missing").arg(what).arg(missing));
    m_results.missingCopies += missing;
}

void Bench::note(const QString &problem)
{
    if (m_results.problems.size() < MaxProblems)
        m_results.problems += problem;
}

bool Bench::wanted(const Site &site, const Workload &workload, Target target) const
{
    return m_options.only.match(label(site, workload, target)).hasMatch();
}

const Payload &Bench::payload(size_t size)
{
    return m_payloads.try_emplace(size, size).first->second;
}

} // namespace cring::bench
