// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/backendset.h"
#include "core/health/primary.h"
#include "core/http/pool.h"
#include "core/service/snapshotbuilder.h"

#include <QTest>

using namespace cring;
using namespace cring::service;
using health::Backend;

class TestSnapshotBuilder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void takesWhatThePartsKnow();
    void tellsWhyAnOpenBreakerKeepsRequestsAway();
    void countsWhatWaitsForAPerson();
    void namesTheMode();
    void showsWhereTheCopiesAre();
    void showsNoCredentialOfAUrl();

private:
    control::Snapshot take() const;

    config::Config m_config;
    ManualClock m_clock;
    SeededRandom m_random{1};
    telemetry::Counters m_counters;
    ServiceFacts m_facts;
    std::unique_ptr<Store> m_store;
    std::shared_ptr<const repair::Survey::Counts> m_copies;
    std::unique_ptr<health::BackendSet> m_backends;
    std::unique_ptr<health::Primary> m_primary;
};

void TestSnapshotBuilder::init()
{
    m_config = {};
    m_counters = {};
    m_facts = {};
    m_copies = nullptr;
    m_store = std::move(Store::open({}, m_clock, m_random)).value();
    m_clock.setWall(std::chrono::milliseconds(1'000'000));
    for (int i = 1; i <= 3; ++i) {
        config::Server server;
        server.name = QStringLiteral("charm%1").arg(i);
        server.id = QStringLiteral("id%1").arg(i);
        server.url = QUrl(QStringLiteral("http://user:secret@charm%1:35354").arg(i));
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
        backend->setHealth(health);
    }
}

control::Snapshot TestSnapshotBuilder::take() const
{
    return takeSnapshot({m_config, *m_backends, *m_primary, m_counters, m_clock, *m_store, m_copies},
                        m_facts);
}

void TestSnapshotBuilder::takesWhatThePartsKnow()
{
    Backend::Health down;
    down.state = Backend::State::Down;
    down.reason = QStringLiteral("refused the connection");
    m_backends->all().at(1)->setHealth(down);
    Backend::Health skewed = m_backends->all().at(2)->health();
    skewed.clockSkew = std::chrono::milliseconds(-7'000);
    skewed.warning = QStringLiteral("its clock is 7 s behind");
    m_backends->all().at(2)->setHealth(skewed);
    m_clock.advance(std::chrono::minutes(6));
    // Abandoned at once: what counts is that the server was asked.
    m_backends->all().first()->pool().take()->begin(nullptr, "GET / HTTP/1.1\r\n\r\n");
    m_facts.started = std::chrono::milliseconds(1'000);
    m_facts.metricsAddress = QStringLiteral("127.0.0.1:35355");
    m_facts.paused = true;
    m_facts.pausedUntilMs = 2'000'000;
    {
        telemetry::RequestTally tally(m_counters, m_clock, telemetry::Kind::Upload);
        tally.setOutcome(telemetry::Outcome::Done);
    }
    const telemetry::RequestTally running(m_counters, m_clock, telemetry::Kind::Upload);

    const control::Snapshot snapshot = take();
    QCOMPARE(snapshot.verdict, QStringLiteral("charm2 down for 6 min. Uploads go on"));
    QCOMPARE(snapshot.metricsAddress, QStringLiteral("127.0.0.1:35355"));
    QCOMPARE(snapshot.replicas, 3);
    QCOMPARE(snapshot.quorum, 2);
    QCOMPARE(snapshot.startedMs, 1'000);
    QCOMPARE(snapshot.takenMs, 1'360'000);
    QCOMPARE(snapshot.warnings, QStringList(QStringLiteral("charm3: its clock is 7 s behind")));
    QCOMPARE(snapshot.requests.first().kind, QStringLiteral("upload"));
    QCOMPARE(snapshot.requests.first().done, 1);
    QCOMPARE(snapshot.requests.first().inFlight, 1);
    const control::BackendStatus &first = snapshot.backends.at(0);
    QVERIFY(first.primary);
    QCOMPARE(first.state, QStringLiteral("up"));
    QCOMPARE(first.breaker, QStringLiteral("closed"));
    QCOMPARE(first.latencyMs, 3);
    QCOMPARE(first.requests, 1);
    QCOMPARE(first.bytesSent, 18);
    QVERIFY(!snapshot.backends.at(1).primary);
    QCOMPARE(snapshot.backends.at(1).reason, QStringLiteral("refused the connection"));
    QVERIFY(snapshot.paused);
    QCOMPARE(snapshot.pausedUntilMs, 2'000'000);
    QCOMPARE(snapshot.backends.at(1).sinceMs, 1'000'000);
    QCOMPARE(snapshot.backends.at(2).clockSkewMs, -7'000);
}

void TestSnapshotBuilder::tellsWhyAnOpenBreakerKeepsRequestsAway()
{
    for (int i = 0; i < 3; ++i)
        m_backends->all().at(0)->breaker().failed(QStringLiteral("did not answer within 2 s"));
    const control::Snapshot snapshot = take();
    QCOMPARE(snapshot.backends.at(0).breaker, QStringLiteral("open"));
    QCOMPARE(snapshot.backends.at(0).reason, QStringLiteral("did not answer within 2 s"));
    QCOMPARE(control::healthName(snapshot.health), QStringLiteral("degraded"));
}

void TestSnapshotBuilder::countsWhatWaitsForAPerson()
{
    state::Finding finding;
    finding.key = "account/f";
    finding.server = QStringLiteral("id2");
    m_store->findings.report(finding);
    state::AccountWork::Item name;
    name.server = QStringLiteral("id3");
    name.account = "account";
    name.target = "/v1/bio";
    QVERIFY(m_store->accountWork.add(name));
    const control::Snapshot snapshot = take();
    QCOMPARE(snapshot.findings, 1);
    QCOMPARE(snapshot.backends.at(2).owed, 1);
    QCOMPARE(control::healthName(snapshot.health), QStringLiteral("degraded"));
}

void TestSnapshotBuilder::namesTheMode()
{
    QCOMPARE(take().mode, QStringLiteral("replication"));
    m_config.backups.append(config::Backup{});
    QCOMPARE(take().mode, QStringLiteral("replication+backup"));
    m_config.servers.resize(1);
    QCOMPARE(take().mode, QStringLiteral("backup"));
}

void TestSnapshotBuilder::showsWhereTheCopiesAre()
{
    control::Snapshot snapshot = take();
    QVERIFY(snapshot.copies.isEmpty());
    QVERIFY(!snapshot.countedMs);
    QVERIFY(!snapshot.backends.at(0).files);
    QCOMPARE(snapshot.backends.at(0).membership, QStringLiteral("member"));

    m_store->catalogue.mark("account/f", QStringLiteral("id2"), state::Debt::Stale);
    m_store->members.setState(m_store->members.number(QStringLiteral("id3")),
                              state::Members::State::Draining);
    auto counts = std::make_shared<repair::Survey::Counts>();
    counts->takenMs = 4711;
    counts->copies = {0, 0, 1, 8};
    counts->servers[QStringLiteral("id2")] = {{9, 0}, {8, 0}, {1, 0}, {0, 0}, {0, 0}};
    counts->servers[QStringLiteral("id3")] = {{0, 0}, {3, 0}, {0, 0}, {3, 0}, {2, 0}};
    m_copies = counts;
    snapshot = take();
    QCOMPARE(snapshot.copies, counts->copies);
    QCOMPARE(snapshot.countedMs, 4711);
    QCOMPARE(snapshot.backends.at(1).owed, 1);
    QCOMPARE(snapshot.backends.at(1).files, 8);
    QCOMPARE(snapshot.backends.at(1).missing, 1);
    QCOMPARE(snapshot.backends.at(2).membership, QStringLiteral("draining"));
    QCOMPARE(snapshot.backends.at(2).extra, 3);
    QCOMPARE(snapshot.backends.at(2).needed, 2);
}

void TestSnapshotBuilder::showsNoCredentialOfAUrl()
{
    QCOMPARE(take().backends.at(0).url, QStringLiteral("http://charm1:35354"));
}

QTEST_GUILESS_MAIN(TestSnapshotBuilder)
#include "tst_snapshotbuilder.moc"
