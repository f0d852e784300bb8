// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/pool.h"
#include "core/ssh/forwarder.h"
#include "tests/ssh/peer.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

using namespace cring;
using namespace std::chrono_literals;
using health::Backend;
using ssh::Forwarder;
using test::FakeSshServer;
using test::Peer;
using Manner = FakeSshServer::Manner;

namespace {

const QByteArray kBanner = FakeSshServer::kBanner;
const QByteArray kClientLine = QByteArrayLiteral("SSH-2.0-Client\r\n");

/// So that a byte that is lost, doubled or moved shows.
QByteArray pattern(qsizetype size, int seed)
{
    QByteArray bytes(size, Qt::Uninitialized);
    quint32 state = static_cast<quint32>(seed) * 2654435761u + 1;
    for (char &byte : bytes) {
        state = state * 1664525u + 1013904223u;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

/// Waits until `count` has grown and then stood still for a while: the kernel's buffers are full.
bool settles(const std::function<quint64()> &count)
{
    quint64 last = 0;
    QElapsedTimer still;
    still.start();
    return QTest::qWaitFor(
        [&] {
            if (const quint64 before = std::exchange(last, count()); before != last)
                still.restart();
            return last > 0 && still.hasExpired(500);
        },
        20'000);
}

} // namespace

class TestForwarder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cleanup();

    void forwardsBothWays();
    void passesTextBeforeTheBannerOn();
    void passesTheClientsEndOnWhileTheServerGoesOn();
    void passesTheServersEndOnWhileTheClientGoesOn();
    void aResetEndsTheOtherSide();
    void aClientThatDoesNotReadHoldsTheServerBack();
    void aServerThatDoesNotReadHoldsTheClientBack();
    void movesOnFromAServerThatDoesNotGreet_data();
    void movesOnFromAServerThatDoesNotGreet();
    void whatTheClientSaidFirstIsReplayed();
    void aClientMaySpeakFirst();
    void holdsAClientBackThatSaysMuchBeforeAServerIsFound();
    void aHungServerDelaysOnlyTheFirstSessions();
    void anOpenSessionStaysWhereItIs();
    void saysWhyNoServerAnswers();
    void aClientThatLeavesEarlyLeavesNothingBehind();
    void closesIdleSessionsAndOnlyThose();
    void neverClosesBeforeThreeMinutes();
    void boundsConnectionsOfAnAddress();
    void twoHundredSessionsDoNotMix();
    void drainsAndStops();

private:
    /// A ring of these servers, in this order; 0 stands for a port that refuses.
    void startForwarder(const QList<quint16> &ports);
    /// A session through the forwarder to that server, greeted.
    std::unique_ptr<Peer> openSession(FakeSshServer &server);

    Backend *backend(int index) const { return m_backends->all().at(index); }

    SystemClock m_clock;
    SeededRandom m_random{1};
    config::Timing m_timing;
    config::Limits m_limits;
    std::chrono::milliseconds m_shortestIdle = Forwarder::kShortestIdleTime;
    std::unique_ptr<health::BackendSet> m_backends;
    std::unique_ptr<health::Primary> m_primary;
    std::unique_ptr<Forwarder> m_forwarder;
};

void TestForwarder::cleanup()
{
    m_forwarder.reset();
    m_primary.reset();
    m_backends.reset();
    m_timing = {};
    m_limits = {};
    m_shortestIdle = Forwarder::kShortestIdleTime;
}

void TestForwarder::startForwarder(const QList<quint16> &ports)
{
    QList<config::Server> servers;
    for (const quint16 port : ports) {
        config::Server server;
        server.name = QStringLiteral("charm%1").arg(servers.size() + 1);
        server.id = server.name;
        server.url = QUrl(QStringLiteral("http://127.0.0.1:9"));
        server.sshPort = port != 0 ? port : quint16(1); // nothing listens on tcpmux
        servers.append(server);
    }
    m_backends = std::make_unique<health::BackendSet>(
        servers, [](const config::Server &) { return std::unique_ptr<http::Pool>(); }, m_clock, m_random);
    m_primary = std::make_unique<health::Primary>(m_clock, QString());
    m_primary->setBackends(*m_backends);
    m_forwarder =
        std::make_unique<Forwarder>(*m_primary, m_timing, m_limits, m_clock, nullptr, m_shortestIdle);
    const Status status = m_forwarder->listen(QStringLiteral("127.0.0.1:0"));
    QVERIFY2(status.ok(), status.ok() ? "" : qPrintable(status.error().toString()));
}

std::unique_ptr<Peer> TestForwarder::openSession(FakeSshServer &server)
{
    const int before = server.sessions();
    auto client = Peer::connectTo(m_forwarder->port());
    if (!QTest::qWaitFor([&] { return client->received() == kBanner && server.sessions() == before + 1; }))
        qFatal("the session was not greeted");
    return client;
}

void TestForwarder::forwardsBothWays()
{
    FakeSshServer server(Manner::Greets);
    startForwarder({server.port()});
    const auto client = openSession(server);
    const QByteArray up = pattern(3'000'000, 1);
    const QByteArray down = pattern(5'000'000, 2);
    client->send(up);
    server.peer().send(down);
    QTRY_COMPARE(client->received().size(), kBanner.size() + down.size());
    QTRY_COMPARE(server.peer().received().size(), up.size());
    QVERIFY(client->received() == kBanner + down);
    QVERIFY(server.peer().received() == up);
    const Forwarder::Stats stats = m_forwarder->stats();
    QCOMPARE(stats.open, 1);
    QCOMPARE(stats.served, quint64(1));
    QCOMPARE(stats.bytesToServers, quint64(up.size()));
    QCOMPARE(stats.bytesToClients, quint64(kBanner.size() + down.size()));
}

void TestForwarder::passesTextBeforeTheBannerOn()
{
    FakeSshServer server(Manner::GreetsAfterText);
    startForwarder({server.port()});
    const auto client = Peer::connectTo(m_forwarder->port());
    QTRY_COMPARE(client->received(), "Welcome.\r\nBe kind.\r\n" + kBanner);
}

void TestForwarder::passesTheClientsEndOnWhileTheServerGoesOn()
{
    FakeSshServer server(Manner::Greets);
    startForwarder({server.port()});
    const auto client = openSession(server);
    const QByteArray up = pattern(2'000'000, 3);
    client->send(up);
    client->finishSending();
    QTRY_VERIFY(server.peer().ended());
    QVERIFY(server.peer().received() == up);
    QVERIFY(!client->gone());

    const QByteArray down = pattern(2'000'000, 4);
    server.peer().send(down);
    QTRY_VERIFY(client->received() == kBanner + down);
    QCOMPARE(m_forwarder->stats().open, 1);
    server.peer().finishSending();
    QTRY_VERIFY(client->ended());
    QTRY_COMPARE(m_forwarder->stats().open, 0);
}

void TestForwarder::passesTheServersEndOnWhileTheClientGoesOn()
{
    FakeSshServer server(Manner::Greets);
    startForwarder({server.port()});
    const auto client = openSession(server);
    server.peer().finishSending();
    QTRY_VERIFY(client->ended());
    QVERIFY(!server.peer().gone());

    const QByteArray up = pattern(2'000'000, 5);
    client->send(up);
    QTRY_VERIFY(server.peer().received() == up);
    client->finishSending();
    QTRY_VERIFY(server.peer().ended());
    QTRY_COMPARE(m_forwarder->stats().open, 0);
}

void TestForwarder::aResetEndsTheOtherSide()
{
    FakeSshServer server(Manner::Greets);
    startForwarder({server.port()});
    const auto first = openSession(server);
    server.peer(0).reset();
    QTRY_VERIFY(first->gone());
    const auto second = openSession(server);
    second->reset();
    QTRY_VERIFY(server.peer(1).gone());
    QTRY_COMPARE(m_forwarder->stats().open, 0);
}

void TestForwarder::aClientThatDoesNotReadHoldsTheServerBack()
{
    FakeSshServer server(Manner::Greets);
    startForwarder({server.port()});
    const auto client = openSession(server);
    client->pauseReading(true);
    const QByteArray down = pattern(64'000'000, 6);
    server.peer().send(down);
    QVERIFY(settles([this] { return m_forwarder->stats().bytesToClients; }));
    QVERIFY(!server.peer().sentAll());
    QVERIFY2(m_forwarder->stats().bytesToClients < 32'000'000, "most of it stays with the server");

    client->pauseReading(false);
    QTRY_COMPARE_WITH_TIMEOUT(client->received().size(), kBanner.size() + down.size(), 20'000);
    QVERIFY(client->received() == kBanner + down);
}

void TestForwarder::aServerThatDoesNotReadHoldsTheClientBack()
{
    FakeSshServer server(Manner::Greets);
    startForwarder({server.port()});
    const auto client = openSession(server);
    server.peer().pauseReading(true);
    const QByteArray up = pattern(64'000'000, 7);
    client->send(up);
    client->finishSending();
    QVERIFY(settles([this] { return m_forwarder->stats().bytesToServers; }));
    QVERIFY(!client->sentAll());

    // The other direction goes on meanwhile.
    server.peer().send("still here");
    QTRY_COMPARE(client->received(), kBanner + "still here");

    server.peer().pauseReading(false);
    QTRY_VERIFY_WITH_TIMEOUT(server.peer().ended(), 20'000);
    QVERIFY(server.peer().received() == up);
}

void TestForwarder::movesOnFromAServerThatDoesNotGreet_data()
{
    QTest::addColumn<int>("manner");
    QTest::addColumn<QString>("reason");
    QTest::newRow("refuses") << -1 << QStringLiteral("refused the connection");
    QTest::newRow("hangs") << int(Manner::Silent) << QStringLiteral("said nothing for 300 ms");
    QTest::newRow("trickles") << int(Manner::Trickles) << QStringLiteral("said nothing for 300 ms");
    QTest::newRow("closes") << int(Manner::ClosesAtOnce) << QStringLiteral("closed the connection at once");
    QTest::newRow("resets") << int(Manner::ResetsAtOnce) << QStringLiteral("closed the connection at once");
    QTest::newRow("HTTP") << int(Manner::TalksHttp) << QStringLiteral("closed the connection at once");
    QTest::newRow("nonsense") << int(Manner::TalksNonsense) << QStringLiteral("is no SSH server");
}

void TestForwarder::movesOnFromAServerThatDoesNotGreet()
{
    QFETCH(int, manner);
    QFETCH(QString, reason);
    m_timing.sshBannerTimeout = 300ms;
    FakeSshServer bad(manner < 0 ? Manner::Silent : Manner(manner));
    FakeSshServer good(Manner::Greets);
    startForwarder({manner < 0 ? quint16(0) : bad.port(), good.port()});

    const auto client = Peer::connectTo(m_forwarder->port());
    client->send(kClientLine);
    QTRY_COMPARE(client->received(), kBanner);
    QTRY_COMPARE(good.peer().received(), kClientLine);
    QVERIFY2(backend(0)->sshBreaker().lastReason().contains(reason),
             qPrintable(backend(0)->sshBreaker().lastReason()));
    QVERIFY(backend(1)->sshBreaker().lastReason().isEmpty());
    QCOMPARE(m_primary->current(), backend(1));
    QCOMPARE(m_forwarder->stats().open, 1);
}

void TestForwarder::whatTheClientSaidFirstIsReplayed()
{
    m_timing.sshBannerTimeout = 300ms;
    FakeSshServer hung(Manner::Silent);
    FakeSshServer good(Manner::Greets);
    startForwarder({hung.port(), good.port()});
    const auto client = Peer::connectTo(m_forwarder->port());
    client->send(kClientLine);
    QTRY_COMPARE(hung.sessions(), 1);
    QTRY_COMPARE(hung.peer().received(), kClientLine);
    const QByteArray more = pattern(1500, 8);
    client->send(more);
    client->finishSending();
    QTRY_VERIFY(good.sessions() == 1 && good.peer().ended());
    QCOMPARE(good.peer().received(), kClientLine + more);
    QTRY_VERIFY(hung.peer().gone());
    QVERIFY(!client->gone());
}

void TestForwarder::aClientMaySpeakFirst()
{
    FakeSshServer server(Manner::AwaitsTheClient);
    startForwarder({server.port()});
    const auto client = Peer::connectTo(m_forwarder->port());
    client->send(kClientLine);
    QTRY_COMPARE(client->received(), kBanner);
    QCOMPARE(server.peer().received(), kClientLine);
}

void TestForwarder::holdsAClientBackThatSaysMuchBeforeAServerIsFound()
{
    m_timing.sshBannerTimeout = 500ms;
    FakeSshServer hung(Manner::Silent);
    FakeSshServer good(Manner::Greets);
    startForwarder({hung.port(), good.port()});
    const auto client = Peer::connectTo(m_forwarder->port());
    const QByteArray much = pattern(20'000'000, 9);
    client->send(much);
    QTRY_VERIFY(hung.sessions() == 1 && hung.peer().received().size() == 64 * 1024);
    QTRY_COMPARE_WITH_TIMEOUT(good.sessions(), 1, 10'000);
    QTRY_COMPARE_WITH_TIMEOUT(good.peer().received().size(), much.size(), 10'000);
    QVERIFY(good.peer().received() == much);
    QCOMPARE(hung.peer().received().size(), qsizetype(64 * 1024));
}

void TestForwarder::aHungServerDelaysOnlyTheFirstSessions()
{
    m_timing.sshBannerTimeout = 400ms;
    FakeSshServer hung(Manner::Silent);
    FakeSshServer good(Manner::Greets);
    startForwarder({hung.port(), good.port()});
    const auto first = openSession(good);
    QCOMPARE(m_primary->current(), backend(1));
    const auto second = openSession(good);
    QCOMPARE(hung.sessions(), 1);

    // Even where it must stay the primary, its breaker keeps the next sessions away.
    QVERIFY(m_primary->promote(backend(0)->id()).ok());
    m_primary->sessionOpened(backend(0));
    for (int i = 0; i < 2; ++i)
        openSession(good);
    QCOMPARE(m_primary->current(), backend(0));
    QCOMPARE(hung.sessions(), 3);
    QElapsedTimer timer;
    timer.start();
    openSession(good);
    QVERIFY(timer.elapsed() < 300);
    QCOMPARE(hung.sessions(), 3);
}

void TestForwarder::anOpenSessionStaysWhereItIs()
{
    FakeSshServer first(Manner::ClosesAtOnce);
    FakeSshServer second(Manner::Greets);
    startForwarder({first.port(), second.port()});
    const auto client = openSession(second);
    first.setManner(Manner::Greets);
    QVERIFY(m_primary->promote(backend(0)->id()).ok());
    client->send("more");
    QTRY_COMPARE(second.peer().received(), QByteArrayLiteral("more"));
    const auto next = openSession(first);
    QCOMPARE(second.sessions(), 1);
}

void TestForwarder::saysWhyNoServerAnswers()
{
    FakeSshServer closing(Manner::ClosesAtOnce);
    startForwarder({0, closing.port(), 0});
    Backend::Health down;
    down.state = Backend::State::Down;
    down.reason = QStringLiteral("timed out");
    backend(2)->setHealth(down);
    const auto client = Peer::connectTo(m_forwarder->port());
    client->send(kClientLine);
    QTRY_VERIFY(client->ended());
    QCOMPARE(client->received(),
             QByteArrayLiteral("charmed ring: no Charm server answers: charm3 is down: timed out; "
                               "charm1 refused the connection; charm2 closed the connection at once\r\n"));
    QCOMPARE(m_forwarder->stats().pending, 1);
    client->finishSending();
    QTRY_COMPARE(m_forwarder->stats().pending, 0);
    QCOMPARE(m_forwarder->stats().served, quint64(0));
}

void TestForwarder::aClientThatLeavesEarlyLeavesNothingBehind()
{
    FakeSshServer hung(Manner::Silent);
    startForwarder({hung.port()});
    const auto client = Peer::connectTo(m_forwarder->port());
    QTRY_COMPARE(hung.sessions(), 1);
    client->reset();
    QTRY_COMPARE(m_forwarder->stats().pending, 0);
    QTRY_VERIFY(hung.peer().gone());
    QVERIFY2(backend(0)->sshBreaker().lastReason().isEmpty(), "nothing was learnt about the server");
}

void TestForwarder::closesIdleSessionsAndOnlyThose()
{
    m_timing.sshIdleTime = 500ms;
    m_shortestIdle = 0ms;
    FakeSshServer server(Manner::Greets);
    startForwarder({server.port()});
    const auto busy = openSession(server);
    const auto idle = openSession(server);
    QElapsedTimer timer;
    timer.start();
    QTimer chatter;
    connect(&chatter, &QTimer::timeout, this, [&] { server.peer(0).send("x"); });
    chatter.start(50);
    QTRY_VERIFY(idle->gone());
    QVERIFY(timer.elapsed() >= 400);
    QTRY_VERIFY(server.peer(1).gone());
    QTRY_VERIFY(timer.elapsed() > 1200);
    QVERIFY(!busy->gone());
    chatter.stop();
    QTRY_VERIFY(busy->gone());
}

void TestForwarder::neverClosesBeforeThreeMinutes()
{
    m_timing.sshIdleTime = 50ms;
    FakeSshServer server(Manner::Greets);
    startForwarder({server.port()});
    const auto client = openSession(server);
    QElapsedTimer timer;
    timer.start();
    QTRY_VERIFY(timer.hasExpired(300));
    QVERIFY(!client->gone());
    QCOMPARE(Forwarder::kShortestIdleTime, std::chrono::milliseconds(3min));
}

void TestForwarder::boundsConnectionsOfAnAddress()
{
    m_limits.connectionsPerAddress = 2;
    FakeSshServer server(Manner::Greets);
    startForwarder({server.port()});
    const auto first = openSession(server);
    const auto second = openSession(server);
    const auto third = Peer::connectTo(m_forwarder->port());
    QTRY_VERIFY(third->gone());
    QVERIFY(third->received().isEmpty());
    QCOMPARE(m_forwarder->stats().overLimit, quint64(1));
    first->reset();
    QTRY_COMPARE(m_forwarder->stats().open, 1);
    const auto fourth = openSession(server);
    QVERIFY(!fourth->gone());
}

void TestForwarder::twoHundredSessionsDoNotMix()
{
    constexpr int kSessions = 200;
    FakeSshServer server(Manner::AwaitsTheClient);
    startForwarder({server.port()});
    std::vector<std::unique_ptr<Peer>> clients;
    for (int i = 0; i < kSessions; ++i) {
        clients.push_back(Peer::connectTo(m_forwarder->port()));
        clients.back()->send("client " + QByteArray::number(i) + "\n" + pattern(50'000, i));
        clients.back()->finishSending();
    }
    QTRY_COMPARE_WITH_TIMEOUT(server.sessions(), kSessions, 20'000);
    for (int i = 0; i < kSessions; ++i)
        QTRY_VERIFY_WITH_TIMEOUT(server.peer(i).ended(), 20'000);
    for (int i = 0; i < kSessions; ++i) {
        const QByteArray received = server.peer(i).received();
        const qsizetype end = received.indexOf('\n');
        const int client = received.mid(7, end - 7).toInt();
        QVERIFY(received.mid(end + 1) == pattern(50'000, client));
        server.peer(i).send("server for " + QByteArray::number(client));
        server.peer(i).finishSending();
    }
    for (int i = 0; i < kSessions; ++i) {
        const auto &client = clients.at(static_cast<size_t>(i));
        QTRY_VERIFY_WITH_TIMEOUT(client->ended(), 20'000);
        QCOMPARE(client->received(), kBanner + "server for " + QByteArray::number(i));
    }
    QTRY_COMPARE(m_forwarder->stats().open, 0);
    QCOMPARE(m_forwarder->stats().served, quint64(kSessions));
}

void TestForwarder::drainsAndStops()
{
    FakeSshServer server(Manner::Greets);
    startForwarder({server.port()});
    const auto leaving = openSession(server);
    const auto staying = openSession(server);
    QSignalSpy drained(m_forwarder.get(), &Forwarder::drained);
    m_forwarder->drain(800ms);
    QCOMPARE(m_forwarder->port(), quint16(0));
    leaving->send("bye");
    QTRY_COMPARE(server.peer(0).received(), QByteArrayLiteral("bye"));
    leaving->reset();
    QTRY_COMPARE(m_forwarder->stats().open, 1);
    QCOMPARE(drained.count(), 0);
    QTRY_COMPARE(drained.count(), 1);
    QTRY_VERIFY(staying->gone());

    QVERIFY(m_forwarder->listen(QStringLiteral("127.0.0.1:0")).ok());
    m_forwarder->drain(60s);
    QTRY_COMPARE(drained.count(), 2);
}

QTEST_GUILESS_MAIN(TestForwarder)
#include "tst_forwarder.moc"
