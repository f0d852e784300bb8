// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/monitor.h"
#include "core/http/pool.h"
#include "tests/support/charmcluster.h"
#include "tests/support/faultyserver.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::test;
using namespace std::chrono_literals;
using health::Backend;
using health::BackendSet;
using health::CircuitBreaker;
using health::Monitor;
using State = Backend::State;

namespace {

/// A whole answer, with the clock `ahead` of this machine's.
QByteArray answer(const QByteArray &body, std::chrono::seconds ahead = 0s)
{
    const QDateTime date = QDateTime::currentDateTimeUtc().addSecs(ahead.count());
    const QString text = QLocale::c().toString(date, QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'"));
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: " + text.toLatin1() +
           "\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

QByteArray keySet(char which)
{
    const QByteArray x =
        QByteArray(32, which).toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    return R"({"keys":[{"kty":"OKP","kid":")" + QByteArray(64, which) +
           R"(","crv":"Ed25519","alg":"EdDSA","x":")" + x + R"("}]})";
}

/// Answers as a Charm server with that key does.
void playCharm(FaultyServer &server, char key, std::chrono::seconds ahead = 0s)
{
    server.clearRules();
    server.on("GET", "/v1/public/jwks", Fault::raw(answer(keySet(key), ahead)));
    server.on("GET", "/.well-known/openid-configuration",
              Fault::raw(answer(R"({"issuer":"","jwks_uri":"http://charm:35354/v1/public/jwks"})")));
}

} // namespace

class TestMonitor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void cleanupTestCase() { m_cluster.reset(); }

    void findsRealServersUpWithOneKey();
    void aHungServerGoesDownAlone();
    void aKilledServerIsBackAfterItsRestart();
    void aRealServerWithAnotherKeyGetsNoTraffic();
    void aRealServerWithAnotherIssuerGetsNoTraffic();
    void saysWhatAServerDoesWrong_data();
    void saysWhatAServerDoesWrong();
    void warnsOfAClockThatIsOff();
    void probesAreCheap();
    void aRefreshFindsANewKeyAndIsBounded();
    void keysOutliveARestart();
    void probesWhenAPersonAsks();

private:
    void startMonitor(const QList<QUrl> &urls);
    QList<QUrl> clusterUrls() const;

    Backend *backend(int index) const { return m_backends->all().at(index); }

    bool allUp() const;

    SystemClock m_clock;
    SeededRandom m_random{3};
    config::Timing m_timing;
    std::unique_ptr<CharmCluster> m_cluster;
    std::unique_ptr<QTemporaryDir> m_state;
    std::unique_ptr<BackendSet> m_backends;
    std::unique_ptr<Monitor> m_monitor;
};

void TestMonitor::initTestCase()
{
    m_cluster = std::make_unique<CharmCluster>(3);
    CRING_OK(m_cluster->start());
}

void TestMonitor::init()
{
    m_timing = {};
    m_timing.probeInterval = 150ms;
    m_timing.probeTimeout = 400ms;
    m_state = std::make_unique<QTemporaryDir>();
}

void TestMonitor::cleanup()
{
    m_monitor.reset();
    m_backends.reset();
}

void TestMonitor::startMonitor(const QList<QUrl> &urls)
{
    QList<config::Server> servers;
    for (const QUrl &url : urls) {
        config::Server server;
        server.name = QStringLiteral("charm%1").arg(servers.size() + 1);
        server.id = server.name;
        server.url = url;
        servers.append(server);
    }
    const auto pool = [](const config::Server &server) {
        http::Origin origin;
        origin.host = server.url.host();
        origin.port = static_cast<quint16>(server.url.port());
        return std::make_unique<http::Pool>(origin);
    };
    m_monitor.reset();
    m_backends = std::make_unique<BackendSet>(servers, pool, m_clock, m_random);
    m_monitor = std::make_unique<Monitor>(*m_backends, m_timing, m_clock, m_random, m_state->path());
    m_monitor->start();
}

QList<QUrl> TestMonitor::clusterUrls() const
{
    return {m_cluster->at(0).url(), m_cluster->at(1).url(), m_cluster->at(2).url()};
}

bool TestMonitor::allUp() const
{
    return std::all_of(m_backends->all().begin(), m_backends->all().end(),
                       [](const Backend *backend) { return backend->state() == State::Up; });
}

void TestMonitor::findsRealServersUpWithOneKey()
{
    startMonitor(clusterUrls());
    QVERIFY2(backend(0)->usable(), "before the first probe");
    QTRY_VERIFY(allUp());
    QCOMPARE(m_monitor->keys().size(), 1);
    QCOMPARE(m_monitor->keys().constFirst().kid, m_cluster->minter().kid());
    QCOMPARE(m_monitor->keys().constFirst().issuer, m_cluster->issuer().toUtf8());
    for (const Backend *backend : m_backends->all()) {
        QVERIFY(backend->health().latency.has_value());
        QVERIFY(backend->health().clockSkew.has_value());
        QVERIFY2(std::chrono::abs(*backend->health().clockSkew) < 2s,
                 qPrintable(QString::number(backend->health().clockSkew->count())));
        QVERIFY(backend->health().warning.isEmpty());
        QVERIFY(backend->reason().isEmpty());
    }
}

void TestMonitor::aHungServerGoesDownAlone()
{
    startMonitor(clusterUrls());
    QTRY_VERIFY(allUp());
    QSignalSpy others(backend(0), &Backend::stateChanged);
    int probesOfOthers = 0;
    connect(m_monitor.get(), &Monitor::probed, this,
            [&](const Backend *probed) { probesOfOthers += probed == backend(0) ? 1 : 0; });
    m_cluster->at(1).pause();
    QTRY_COMPARE(backend(1)->state(), State::Down);
    QVERIFY2(backend(1)->reason().startsWith(QStringLiteral("did not answer within")),
             qPrintable(backend(1)->reason()));
    QCOMPARE(backend(1)->breaker().state(), CircuitBreaker::State::Open);
    QVERIFY(!backend(1)->usable());
    QVERIFY2(probesOfOthers >= 6, "three time-outs took longer than six probes of the others");
    QCOMPARE(others.count(), 0);

    m_cluster->at(1).resume();
    QTRY_VERIFY(allUp());
    QVERIFY(backend(1)->usable());
}

void TestMonitor::aKilledServerIsBackAfterItsRestart()
{
    startMonitor(clusterUrls());
    QTRY_VERIFY(allUp());
    m_cluster->at(0).kill9();
    QTRY_COMPARE(backend(0)->state(), State::Down);
    QCOMPARE(backend(0)->reason(), QStringLiteral("refused the connection"));
    QCOMPARE(backend(0)->unusableReason(), QStringLiteral("is down: refused the connection"));
    QCOMPARE(m_monitor->keys().size(), 1);
    QCOMPARE(backend(0)->sshBreaker().state(), CircuitBreaker::State::Open);
    CRING_OK(m_cluster->at(0).start());
    QTRY_VERIFY(allUp());
    QVERIFY(backend(0)->usable());
    QCOMPARE(backend(0)->sshBreaker().state(), CircuitBreaker::State::Closed);
}

void TestMonitor::aRealServerWithAnotherKeyGetsNoTraffic()
{
    const auto stranger = m_cluster->addServer(CharmCluster::Data::Fresh);
    CRING_OK(stranger);
    CRING_OK((*stranger)->start());
    startMonitor({(*stranger)->url(), m_cluster->at(0).url(), m_cluster->at(1).url()});
    QTRY_VERIFY(backend(0)->state() == State::Misconfigured && backend(1)->state() == State::Up &&
                backend(2)->state() == State::Up);
    QCOMPARE(backend(0)->reason(), QStringLiteral("its signing key differs from charm2's (CR-2004)"));
    QVERIFY(!backend(0)->usable());
    QCOMPARE(m_monitor->keys().size(), 1);
    QCOMPARE(m_monitor->keys().constFirst().kid, m_cluster->minter().kid());
}

void TestMonitor::aRealServerWithAnotherIssuerGetsNoTraffic()
{
    const auto other = m_cluster->addServer(CharmCluster::Data::Shared, [](CharmServerOptions &options) {
        options.publicUrl = QStringLiteral("https://elsewhere.example");
    });
    CRING_OK(other);
    CRING_OK((*other)->start());
    startMonitor({m_cluster->at(0).url(), m_cluster->at(1).url(), (*other)->url()});
    QTRY_VERIFY(backend(2)->state() == State::Misconfigured && backend(0)->state() == State::Up);
    QVERIFY2(backend(2)->reason().startsWith(
                 QStringLiteral("its issuer https://elsewhere.example differs from charm1's, http://")),
             qPrintable(backend(2)->reason()));
    QCOMPARE(m_monitor->keys().size(), 1);
}

void TestMonitor::saysWhatAServerDoesWrong_data()
{
    QTest::addColumn<QByteArray>("keys");
    QTest::addColumn<QByteArray>("issuer");
    QTest::addColumn<QString>("reason");
    const QByteArray good = answer(keySet('a'));
    QTest::newRow("404") << Fault::status(404).bytes << good
                         << QStringLiteral(
                                "answered 404 when asked for its signing keys: is it a Charm server?");
    QTest::newRow("no keys") << answer("{}") << good
                             << QStringLiteral("sent no signing key that can be read: is it a Charm server?");
    QTest::newRow("web page") << answer("<html>Welcome to nginx!</html>") << good
                              << QStringLiteral(
                                     "sent no signing key that can be read: is it a Charm server?");
    QTest::newRow("no issuer") << good << answer("{}")
                               << QStringLiteral("sent no issuer that can be read: is it a Charm server?");
    QTest::newRow("endless") << answer(QByteArray(200'000, ' ')) << good
                             << QStringLiteral("sent an answer larger than 65536 bytes");
}

void TestMonitor::saysWhatAServerDoesWrong()
{
    QFETCH(QByteArray, keys);
    QFETCH(QByteArray, issuer);
    QFETCH(QString, reason);
    FaultyServer server;
    server.on("GET", "/v1/public/jwks", Fault::raw(keys));
    server.on("GET", "/.well-known/openid-configuration", Fault::raw(issuer));
    startMonitor({server.url()});
    QTRY_COMPARE(backend(0)->state(), State::Down);
    QCOMPARE(backend(0)->reason(), reason);
    QVERIFY(m_monitor->keys().isEmpty());
}

void TestMonitor::warnsOfAClockThatIsOff()
{
    FaultyServer good;
    FaultyServer ahead;
    FaultyServer far;
    playCharm(good, 'a');
    playCharm(ahead, 'a', 60s);
    playCharm(far, 'a', -7200s);
    startMonitor({good.url(), ahead.url(), far.url()});
    QTRY_COMPARE(backend(2)->state(), State::Misconfigured);
    QVERIFY(backend(2)->reason().startsWith(QStringLiteral("its clock is ")));
    QTRY_COMPARE(backend(1)->state(), State::Up);
    QVERIFY2(backend(1)->health().warning.contains(QStringLiteral("ahead of this machine's")),
             qPrintable(backend(1)->health().warning));
}

void TestMonitor::probesAreCheap()
{
    FaultyServer server;
    playCharm(server, 'a');
    m_timing.probeInterval = 20ms;
    startMonitor({server.url()});
    QTRY_VERIFY(server.requests("GET", "/v1/public/jwks").size() >= 25);
    m_monitor->stop();
    const qsizetype probes = server.requests("GET", "/v1/public/jwks").size();
    const qsizetype issuers = server.requests("GET", "/.well-known/openid-configuration").size();
    QCOMPARE(issuers, (probes + 9) / 10);
    QCOMPARE(server.connections(), 1);
}

void TestMonitor::aRefreshFindsANewKeyAndIsBounded()
{
    m_timing.probeInterval = 60s;
    FaultyServer one;
    FaultyServer two;
    playCharm(one, 'a');
    playCharm(two, 'a');
    startMonitor({one.url(), two.url()});
    QTRY_VERIFY(allUp());
    playCharm(one, 'b');
    playCharm(two, 'b');
    QSignalSpy changed(m_monitor.get(), &Monitor::keysChanged);
    QSignalSpy refreshed(m_monitor.get(), &Monitor::refreshed);
    QVERIFY(m_monitor->refreshNow());
    QVERIFY2(m_monitor->refreshNow(), "one is under way: wait for it");
    QTRY_COMPARE(refreshed.count(), 1);
    QVERIFY(changed.count() >= 1);
    QCOMPARE(m_monitor->keys().size(), 1);
    QCOMPARE(m_monitor->keys().constFirst().kid, QByteArray(64, 'b'));
    QVERIFY(allUp());
    QVERIFY2(!m_monitor->refreshNow(), "it was done less than 3 s ago");
    QVERIFY2(m_monitor->probeNow(backend(0)), "nothing was under way");
}

void TestMonitor::keysOutliveARestart()
{
    auto server = std::make_unique<FaultyServer>();
    const QUrl url = server->url();
    playCharm(*server, 'a');
    startMonitor({url});
    QTRY_VERIFY(allUp());
    const health::KeySet keys = m_monitor->keys();
    QCOMPARE(keys.size(), 1);
    server.reset();

    startMonitor({url});
    QVERIFY2(m_monitor->keys() == keys, "before any probe");
    QCOMPARE(backend(0)->state(), State::Unknown);
    QTRY_COMPARE(backend(0)->state(), State::Down);
    QVERIFY(m_monitor->keys() == keys);
}

void TestMonitor::probesWhenAPersonAsks()
{
    m_timing.probeInterval = 60s;
    FaultyServer server;
    playCharm(server, 'a');
    startMonitor({server.url()});
    QTRY_VERIFY(allUp());
    QSignalSpy probed(m_monitor.get(), &Monitor::probed);
    QVERIFY(m_monitor->probeNow(backend(0)));
    QVERIFY(!m_monitor->probeNow(backend(0)));
    QTRY_COMPARE(probed.count(), 1);
}

QTEST_GUILESS_MAIN(TestMonitor)
#include "tst_monitor.moc"
