// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/monitor.h"

#include "core/health/keyfile.h"
#include "core/health/probe.h"

#include <QLoggingCategory>

namespace cring::health {
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

Q_LOGGING_CATEGORY(logMonitor, "cring.health")

/// So that the probes of several rings do not fall into step.
constexpr double kSpread = 0.15;
/// After a result that contradicts the state.
constexpr milliseconds kConfirmAfter{700};
constexpr milliseconds kBetweenRefreshes{3'000};

QList<config::Server> serversOf(const BackendSet &backends)
{
    QList<config::Server> servers;
    for (const Backend *backend : backends.all())
        servers.append(backend->server());
    return servers;
}

void tell(const Backend &backend, const Backend::Health &next)
{
    using State = Backend::State;
    if (next.state == State::Misconfigured)
        qCWarning(logMonitor, "%s gets no traffic: %s", qUtf8Printable(backend.label()),
                  qUtf8Printable(next.reason));
    else if (next.state == State::Down)
        qCWarning(logMonitor, "%s is down: %s", qUtf8Printable(backend.label()), qUtf8Printable(next.reason));
    else if (next.state == State::Up)
        qCInfo(logMonitor, "%s is up", qUtf8Printable(backend.label()));
}

} // namespace

Monitor::Monitor(BackendSet &backends, const config::Timing &timing, const IClock &clock, IRandom &random,
                 const QString &stateDir, QObject *parent)
    : QObject(parent)
    , m_backends(backends)
    , m_timing(timing)
    , m_clock(clock)
    , m_random(random)
    , m_file(stateDir.isEmpty() ? QString() : keyfile::pathIn(stateDir))
    , m_judge(serversOf(backends))
{
    for (Backend *backend : m_backends.all()) {
        m_probes.push_back(std::make_unique<Probe>(*backend, m_timing.probeTimeout, m_clock));
        Probe *probe = m_probes.back().get();
        connect(probe, &Probe::observed, this, [this, probe](const ProbeJudge::Observation &observation) {
            handleObserved(probe, observation);
        });
    }
    restore();
}

Monitor::~Monitor() = default;

void Monitor::start()
{
    m_running = true;
    for (const auto &probe : m_probes)
        probe->run();
}

void Monitor::stop()
{
    m_running = false;
    for (const auto &probe : m_probes)
        probe->runNoMore();
}

void Monitor::inherit(const Monitor &other)
{
    m_judge.inherit(other.m_judge);
    for (Backend *backend : m_backends.all())
        backend->setHealth(m_judge.verdict(backend->id()));
    m_keys = trusted();
}

bool Monitor::refreshNow()
{
    const milliseconds now = m_clock.steady();
    if (m_lastRefresh && now - *m_lastRefresh < kBetweenRefreshes)
        return !m_refreshing.isEmpty();
    m_lastRefresh = now;
    for (const auto &probe : m_probes) {
        m_refreshing.insert(probe.get());
        probe->run();
    }
    return !m_refreshing.isEmpty();
}

bool Monitor::probeNow(Backend *backend)
{
    for (const auto &probe : m_probes) {
        if (&probe->backend() != backend || probe->underWay())
            continue;
        probe->run();
        return true;
    }
    return false;
}

void Monitor::handleObserved(Probe *probe, const ProbeJudge::Observation &observation)
{
    Backend &backend = probe->backend();
    m_judge.observe(backend.id(), observation);
    for (CircuitBreaker *breaker : {&backend.breaker(), &backend.sshBreaker()}) {
        if (observation.problem.isEmpty())
            breaker->probeSucceeded();
        else
            breaker->probeFailed(observation.problem);
    }
    applyVerdicts();
    if (m_running)
        schedule(probe);
    Q_EMIT probed(&backend, observation.problem);
    if (m_refreshing.remove(probe) && m_refreshing.isEmpty())
        Q_EMIT refreshed();
}

void Monitor::applyVerdicts()
{
    bool learnt = false;
    for (Backend *backend : m_backends.all()) {
        const Backend::Health next = m_judge.verdict(backend->id());
        if (next.state != backend->state())
            tell(*backend, next);
        learnt = learnt || next.key != backend->health().key;
        backend->setHealth(next);
    }
    KeySet keys = trusted();
    if (learnt)
        save();
    if (keys != m_keys) {
        m_keys = std::move(keys);
        Q_EMIT keysChanged();
    }
}

void Monitor::schedule(Probe *probe)
{
    const bool undecided = m_judge.undecided(probe->backend().id());
    const milliseconds pause =
        undecided ? std::min(kConfirmAfter, m_timing.probeInterval) : m_timing.probeInterval;
    const double jittered = static_cast<double>(pause.count()) * m_random.jitter(kSpread);
    probe->runAfter(milliseconds(static_cast<qint64>(jittered)));
}

KeySet Monitor::trusted() const
{
    KeySet keys = m_judge.trusted();
    if (keys.isEmpty() && m_recovered)
        keys.append(*m_recovered);
    return keys;
}

void Monitor::restore()
{
    if (m_file.isEmpty())
        return;
    m_recovered = keyfile::readRecovered(m_file);
    // All servers are gone and taken out of the configuration: what they signed with is still good for a
    // bucket's readers.
    if (!m_recovered && m_backends.all().isEmpty())
        m_recovered = keyfile::readLast(m_file);
    const QHash<QString, TrustedKey> known = keyfile::read(m_file, serversOf(m_backends));
    for (auto entry = known.constBegin(); entry != known.constEnd(); ++entry)
        m_judge.recall(entry.key(), entry.value());
    for (Backend *backend : m_backends.all())
        backend->setHealth(m_judge.verdict(backend->id()));
    m_keys = trusted();
}

void Monitor::save() const
{
    if (m_file.isEmpty() || !m_running)
        return; // what was replaced does not write over its successor
    QHash<QString, TrustedKey> known;
    for (const Backend *backend : m_backends.all()) {
        if (const auto &key = m_judge.verdict(backend->id()).key; key && !key->issuer.isEmpty())
            known.insert(backend->id(), *key);
    }
    const Status status = keyfile::write(m_file, serversOf(m_backends), known);
    if (!status)
        qCWarning(logMonitor, "%s", qUtf8Printable(status.error().toString()));
}

} // namespace cring::health
