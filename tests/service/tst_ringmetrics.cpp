// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/backendset.h"
#include "core/health/primary.h"
#include "core/http/pool.h"
#include "core/service/ringmetrics.h"
#include "core/service/snapshotbuilder.h"
#include "core/telemetry/processmetrics.h"
#include "core/telemetry/requestmetrics.h"
#include "tests/support/exposition.h"

#include <QElapsedTimer>
#include <QTest>

using namespace cring;
using namespace cring::service;
using cring::test::Exposition;
using health::Backend;

/// From what the parts know of the servers to what is scraped, and what that costs.
class TestRingMetrics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsEachServer();
    void leavesOutWhatIsNotKnownYet();
    void showsTheRing();
    void fiftyServersAreScrapedInNoTime();
    void countingCostsNearlyNothing();

private:
    /// A ring of that many servers that have been looked at.
    void make(int servers);
    RingFigures look() const;
    Exposition scrape() const;

    config::Config m_config;
    ManualClock m_clock;
    SeededRandom m_random{1};
    std::unique_ptr<Store> m_store;
    telemetry::Counters m_counters;
    ServiceFacts m_facts;
    std::unique_ptr<health::BackendSet> m_backends;
    std::unique_ptr<health::Primary> m_primary;
};

namespace {

constexpr int Rounds = 20;
constexpr qint64 ScrapeLimitNs = 5'000'000;
constexpr int Requests = 20'000;
constexpr qint64 CountingLimitNs = 1'000;

} // namespace

void TestRingMetrics::make(int servers)
{
    m_config = {};
    m_counters = {};
    m_facts = {};
    m_store = std::move(Store::open({}, m_clock, m_random)).value();
    m_clock.setWall(std::chrono::milliseconds(1'500));
    for (int i = 1; i <= servers; ++i) {
        config::Server server;
        server.name = server.id = QStringLiteral("charm%1").arg(i);
        server.url = QUrl(QStringLiteral("http://charm%1:35354").arg(i));
        m_config.servers.append(server);
    }
    m_primary.reset();
    m_backends = std::make_unique<health::BackendSet>(
        m_config.servers,
        [](const config::Server &) {
            return std::make_unique<http::Pool>(http::Origin{QStringLiteral("127.0.0.1"), 9});
        },
        m_clock, m_random);
    m_primary = std::make_unique<health::Primary>(m_clock, QString());
    m_primary->setBackends(*m_backends);
    for (Backend *backend : m_backends->all()) {
        Backend::Health health;
        health.state = Backend::State::Up;
        health.latency = std::chrono::milliseconds(3);
        health.clockSkew = std::chrono::milliseconds(-250);
        backend->setHealth(health);
    }
}

RingFigures TestRingMetrics::look() const
{
    RingFigures figures;
    figures.snapshot =
        takeSnapshot({m_config, *m_backends, *m_primary, m_counters, m_clock, *m_store, nullptr}, m_facts);
    figures.snapshot.standby = {.mode = QStringLiteral("standby"),
                                .problem = {},
                                .standingIn = true,
                                .sessions = 11,
                                .logins = 12,
                                .turnedAway = 13,
                                .overLimit = 14,
                                .commands = 0,
                                .tokens = 15};
    figures.snapshot.accounts = {16, 1'500, {{QStringLiteral("charm3"), {}}}, {QString(), QString()}};
    figures.connections = 7;
    figures.sshSessions.inFlight = 2;
    figures.sshSessions.ended = {4, 5, 6, 8};
    figures.sshReceived = 100;
    figures.sshSent = 200;
    return figures;
}

Exposition TestRingMetrics::scrape() const
{
    telemetry::Metrics metrics(QStringLiteral("1"));
    metrics.add(std::make_unique<RingMetrics>([this] { return look(); }));
    return Exposition(metrics.text());
}

void TestRingMetrics::showsEachServer()
{
    make(3);
    Backend::Health down;
    down.state = Backend::State::Down;
    down.reason = QStringLiteral("refused the connection");
    m_backends->all().at(1)->setHealth(down);
    for (int i = 0; i < 3; ++i)
        m_backends->all().at(1)->breaker().failed(down.reason);
    const health::Load load(*m_backends->all().at(0));

    const Exposition text = scrape();
    QCOMPARE(text.problem(), QByteArray());
    QCOMPARE(text.value("cring_server_state{server=\"charm1\",state=\"up\"}"), 1.0);
    QCOMPARE(text.value("cring_server_state{server=\"charm2\",state=\"up\"}"), 0.0);
    QCOMPARE(text.value("cring_server_state{server=\"charm2\",state=\"down\"}"), 1.0);
    QCOMPARE(text.value("cring_server_state{server=\"charm2\",state=\"misconfigured\"}"), 0.0);
    QCOMPARE(text.value("cring_server_state{server=\"charm2\",state=\"unknown\"}"), 0.0);
    QCOMPARE(text.value("cring_server_breaker{server=\"charm1\",state=\"closed\"}"), 1.0);
    QCOMPARE(text.value("cring_server_breaker{server=\"charm2\",state=\"open\"}"), 1.0);
    QCOMPARE(text.value("cring_server_breaker{server=\"charm2\",state=\"half-open\"}"), 0.0);
    QCOMPARE(text.value("cring_server_state_since_timestamp_seconds{server=\"charm1\"}"), 1.5);
    QCOMPARE(text.value("cring_server_probe_duration_seconds{server=\"charm1\"}"), 0.003);
    QCOMPARE(text.value("cring_server_clock_offset_seconds{server=\"charm3\"}"), -0.25);
    QCOMPARE(text.value("cring_server_requests_in_flight{server=\"charm1\"}"), 1.0);
    QCOMPARE(text.value("cring_server_requests_in_flight{server=\"charm2\"}"), 0.0);
    QCOMPARE(text.value("cring_server_primary{server=\"charm1\"}"), 1.0);
    QCOMPARE(text.sum("cring_server_primary"), 1.0);
    // One state of each holds.
    QCOMPARE(text.sum("cring_server_state"), 3.0);
    QCOMPARE(text.sum("cring_server_breaker"), 3.0);
}

void TestRingMetrics::leavesOutWhatIsNotKnownYet()
{
    make(2);
    m_backends->all().at(0)->setHealth({});
    const Exposition text = scrape();
    QCOMPARE(text.value("cring_server_state{server=\"charm1\",state=\"unknown\"}"), 1.0);
    QVERIFY(!text.value("cring_server_probe_duration_seconds{server=\"charm1\"}"));
    QVERIFY(!text.value("cring_server_clock_offset_seconds{server=\"charm1\"}"));
    QVERIFY(text.value("cring_server_probe_duration_seconds{server=\"charm2\"}"));
}

void TestRingMetrics::showsTheRing()
{
    make(3);
    Exposition text = scrape();
    QCOMPARE(text.value("cring_writes_possible"), 1.0);
    QCOMPARE(text.value("cring_replicas"), 3.0);
    QCOMPARE(text.value("cring_quorum"), 2.0);
    QCOMPARE(text.value("cring_connections"), 7.0);
    QCOMPARE(text.value("cring_ssh_sessions"), 2.0);
    QCOMPARE(text.value("cring_ssh_sessions_total{outcome=\"done\"}"), 4.0);
    QCOMPARE(text.value("cring_ssh_sessions_total{outcome=\"refused\"}"), 5.0);
    QCOMPARE(text.value("cring_ssh_sessions_total{outcome=\"failed\"}"), 6.0);
    QCOMPARE(text.value("cring_ssh_sessions_total{outcome=\"abandoned\"}"), 8.0);
    QCOMPARE(text.value("cring_ssh_received_bytes_total"), 100.0);
    QCOMPARE(text.value("cring_ssh_sent_bytes_total"), 200.0);
    QCOMPARE(text.value("cring_standby_ready"), 1.0);
    QCOMPARE(text.value("cring_standby_standing_in"), 1.0);
    QCOMPARE(text.value("cring_standby_sessions_total"), 11.0);
    QCOMPARE(text.value("cring_standby_logins_total"), 12.0);
    QCOMPARE(text.value("cring_standby_refused_total{reason=\"unknown_key\"}"), 13.0);
    QCOMPARE(text.value("cring_standby_refused_total{reason=\"over_limit\"}"), 14.0);
    QCOMPARE(text.value("cring_standby_tokens_total"), 15.0);
    QCOMPARE(text.value("cring_accounts"), 16.0);
    QCOMPARE(text.value("cring_accounts_round_timestamp_seconds"), 1.5);
    QCOMPARE(text.value("cring_accounts_servers_left_out"), 1.0);
    QCOMPARE(text.value("cring_accounts_clashes"), 2.0);
    m_facts.draining = true;
    text = scrape();
    QCOMPARE(text.value("cring_writes_possible"), 0.0);
}

/// The loop serves nobody else meanwhile. The best of some rounds: others use this machine too.
void TestRingMetrics::fiftyServersAreScrapedInNoTime()
{
    constexpr int Servers = 50;
    make(Servers);
    telemetry::Metrics metrics(QStringLiteral("1"));
    metrics.add(std::make_unique<telemetry::ProcessMetrics>());
    metrics.add(std::make_unique<telemetry::RequestMetrics>(m_counters));
    metrics.add(std::make_unique<RingMetrics>([this] { return look(); }));
    qint64 best = std::numeric_limits<qint64>::max();
    QByteArray text;
    for (int i = 0; i < Rounds; ++i) {
        QElapsedTimer timer;
        timer.start();
        text = metrics.text();
        best = std::min(best, timer.nsecsElapsed());
    }
    QCOMPARE(Exposition(text).sum("cring_server_state"), static_cast<double>(Servers));
    qInfo("%lld us for %lld bytes", best / 1'000, static_cast<qint64>(text.size()));
    QVERIFY2(best <= ScrapeLimitNs, QByteArray::number(best).constData());
}

/// One request's worth, with the real clock, which is most of it.
void TestRingMetrics::countingCostsNearlyNothing()
{
    const SystemClock clock;
    telemetry::Counters counters;
    qint64 best = std::numeric_limits<qint64>::max();
    for (int i = 0; i < Rounds; ++i) {
        QElapsedTimer timer;
        timer.start();
        for (int request = 0; request < Requests; ++request) {
            telemetry::RequestTally tally(counters, clock, telemetry::Kind::Upload);
            tally.setOutcome(telemetry::Outcome::Done);
        }
        best = std::min(best, timer.nsecsElapsed() / Requests);
    }
    QCOMPARE(counters.of(telemetry::Kind::Upload).of(telemetry::Outcome::Done),
             static_cast<quint64>(Rounds) * Requests);
    qInfo("%lld ns for a request", best);
    QVERIFY2(best <= CountingLimitNs, QByteArray::number(best).constData());
}

QTEST_GUILESS_MAIN(TestRingMetrics)
#include "tst_ringmetrics.moc"
