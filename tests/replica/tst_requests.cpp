// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/foldercreation.h"
#include "core/replica/removal.h"
#include "core/replica/requests.h"
#include "tests/repair/barering.h"
#include "tests/support/charmcluster.h"
#include "tests/support/faultyserver.h"
#include "tests/support/smalldisk.h"
#include "tests/support/spin.h"

#include <QTcpServer>
#include <QTest>

using namespace cring;
using namespace cring::replica;
using namespace std::chrono_literals;
using namespace cring::test;

class TestRequests : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatNobodyWaitsForMakesWayForTheNext();
    void tellsTheBreaker_data();
    void tellsTheBreaker();
    void refusedFolderLeavesTheTrial_data();
    void refusedFolderLeavesTheTrial();
    void silentServerIsBlamedForAFolder();
    void refusedDeleteLeavesTheTrial();
    void deleteThatCannotBeWrittenDownSaysSo();
};

namespace {

/// A server that has failed for a while, and may be tried once now.
struct Doubtful
{
    explicit Doubtful(quint16 port)
    {
        http::Origin origin;
        origin.host = QStringLiteral("127.0.0.1");
        origin.port = port;
        config::Server server;
        server.id = server.name = QStringLiteral("charm1");
        backend =
            std::make_unique<health::Backend>(server, std::make_unique<http::Pool>(origin), clock, random);
        for (int i = 0; i < 3; ++i)
            backend->breaker().failed(QStringLiteral("refused the connection"));
        clock.advance(2s);
    }

    bool admits()
    {
        QStringList reasons;
        return replica::admits(*backend, reasons);
    }

    ManualClock clock;
    SystemRandom random;
    std::unique_ptr<health::Backend> backend;
};

const Credentials Client{"account", "bearer token", 0};

http::Request request()
{
    return fileRequest("GET", Client, "file");
}

/// The ring's parts in front of three servers that answer as a test says.
struct FaultyParts
{
    explicit FaultyParts(const QString &stateDirectory = {})
        : ring(configured(), stateDirectory)
    {
        ring.config.timing.answerTimeout = 400ms;
        ring.build();
    }

    QList<config::Server> configured()
    {
        QList<config::Server> list;
        for (size_t i = 0; i < servers.size(); ++i) {
            config::Server server;
            server.id = server.name = BareRing::name(static_cast<int>(i) + 1);
            server.url = servers[i].url();
            list << server;
        }
        return list;
    }
    QList<health::Backend *> backends() { return ring.environment().backends.all(); }
    /// Each has failed for a while, and may be tried once now.
    bool makeDoubtful()
    {
        for (health::Backend *backend : backends()) {
            for (int i = 0; i < 3; ++i)
                backend->breaker().failed(QStringLiteral("refused the connection"));
        }
        return spinUntil([this] { return trials() == 3; }, 5'000);
    }
    /// How many may be tried now.
    int trials()
    {
        const auto all = backends();
        return static_cast<int>(std::count_if(all.begin(), all.end(), [](const health::Backend *backend) {
            return backend->breaker().wouldAllow();
        }));
    }
    ObjectKey key(const QByteArray &path) const { return objectKey(Client.account, path); }
    void acknowledgeDelete(const QByteArray &path)
    {
        state::Record none;
        none.deleted = true;
        (void)ring.catalogue().acknowledge(key(path), none, {});
    }

    std::array<FaultyServer, 3> servers;
    BareRing ring;
};

/// Waits for the one answer.
template <typename Change>
Outcome outcomeOf(Change *change)
{
    std::optional<Outcome> outcome;
    QObject context;
    QObject::connect(change, &Change::finished, &context,
                     [&](const Outcome &finished) { outcome = finished; });
    change->start();
    (void)spinUntil([&] { return outcome.has_value(); }, 5'000);
    return outcome.value_or(Outcome());
}

FolderCreation *folderAt(FaultyParts &parts, const QByteArray &path)
{
    return new FolderCreation(parts.ring.environment(), Client, path, 0755, &parts.ring.activity);
}

Removal *removalOf(FaultyParts &parts, const QByteArray &path)
{
    return new Removal(parts.ring.environment(), Client, path, "/v1/fs/" + path, &parts.ring.activity);
}

} // namespace

void TestRequests::whatNobodyWaitsForMakesWayForTheNext()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    Doubtful server(silent.serverPort());
    QVERIFY(server.admits());
    QVERIFY2(!server.admits(), "one at a time");
    auto context = std::make_unique<QObject>();
    ask(*server.backend, request(), 10s, 1024, context.get(), [](const auto &) { QFAIL("nobody answers"); });
    QVERIFY(spinUntil([&] { return silent.hasPendingConnections(); }, 5'000));
    QVERIFY(!server.admits());
    context.reset();
    QVERIFY(spinUntil([&] { return server.admits(); }, 5'000));
}

void TestRequests::tellsTheBreaker_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<bool>("good");
    QTest::newRow("an answer") << QByteArray("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") << true;
    QTest::newRow("something else") << QByteArray("220 smtp ready\r\n") << false;
}

void TestRequests::tellsTheBreaker()
{
    QFETCH(const QByteArray, answer);
    QFETCH(const bool, good);
    QTcpServer listener;
    QVERIFY(listener.listen(QHostAddress::LocalHost));
    connect(&listener, &QTcpServer::newConnection, this, [&] {
        QTcpSocket *socket = listener.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket, answer] { socket->write(answer); });
    });
    Doubtful server(listener.serverPort());
    QVERIFY(server.admits());
    std::optional<bool> answered;
    ask(*server.backend, request(), 5s, 1024, this,
        [&](const Result<http::Response> &result) { answered = bool(result); });
    QVERIFY(spinUntil([&] { return answered.has_value(); }, 10'000));
    QCOMPARE(*answered, good);
    using State = health::CircuitBreaker::State;
    QCOMPARE(server.backend->breaker().state(), good ? State::Closed : State::Open);
}

void TestRequests::refusedFolderLeavesTheTrial_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<bool>("locked");
    QTest::addColumn<int>("status");
    QTest::newRow("a file stands there") << QByteArray("file1") << false << 409;
    QTest::newRow("below a file") << QByteArray("file1/folder") << false << 409;
    QTest::newRow("an earlier change of the path does not end") << QByteArray("gone") << true << 503;
}

void TestRequests::refusedFolderLeavesTheTrial()
{
    QFETCH(const QByteArray, path);
    QFETCH(const bool, locked);
    QFETCH(const int, status);
    FaultyParts parts;
    parts.ring.put(BareRing::key(1), {BareRing::name(1)});
    parts.acknowledgeDelete("gone");
    PathLocks::Lease lease;
    if (locked)
        parts.ring.environment().locks.acquire(parts.key(path), this,
                                               [&](PathLocks::Lease taken) { lease = std::move(taken); });
    QVERIFY(parts.makeDoubtful());
    QCOMPARE(outcomeOf(folderAt(parts, path)).status, status);
    QCOMPARE(parts.trials(), 3);
    for (const FaultyServer &server : parts.servers)
        QCOMPARE(server.requests("POST").size(), 0);
}

void TestRequests::silentServerIsBlamedForAFolder()
{
    FaultyParts parts;
    parts.acknowledgeDelete("folder");
    for (FaultyServer &server : parts.servers)
        server.on("POST", {}, Fault::silent());
    const Outcome refused = outcomeOf(folderAt(parts, "folder"));
    QCOMPARE(refused.status, 503);
    QVERIFY2(refused.summary.contains(QStringLiteral("charm1 did not answer within 0.4 s")),
             qPrintable(refused.summary));
    for (const health::Backend *backend : parts.backends())
        QCOMPARE(backend->breaker().lastReason(), QStringLiteral("did not answer within 0.4 s"));
}

/// Two servers say that it cannot be; the third was never asked, for an earlier change of the path.
void TestRequests::refusedDeleteLeavesTheTrial()
{
    FaultyParts parts;
    for (FaultyServer &server : parts.servers) {
        server.on("DELETE", {}, Fault::status(500));
        server.on("HEAD", {}, Fault::status(500));
    }
    Lanes::Hold lane;
    parts.ring.environment().lanes.acquire(BareRing::name(3), parts.key("file"), this,
                                           [&](Lanes::Hold taken) { lane = std::move(taken); });
    QVERIFY(parts.makeDoubtful());
    QCOMPARE(outcomeOf(removalOf(parts, "file")).status, 500);
    QCOMPARE(parts.servers[2].requests("DELETE").size(), 0);
    QCOMPARE(parts.trials(), 3);
}

void TestRequests::deleteThatCannotBeWrittenDownSaysSo()
{
    SmallDisk disk(8'000'000);
    CRING_OK(disk.made());
    FaultyParts parts(disk.path() + QStringLiteral("/state"));
    for (FaultyServer &server : parts.servers)
        server.on("DELETE", {}, Fault::status(200));
    Removal *removal = removalOf(parts, "file");
    // After the intent is written, and before it is brought to the disk: only then does anybody get it.
    QMetaObject::invokeMethod(
        this, [&] { parts.ring.store->database->read([&](state::Session &) { disk.fill(); }, this, [] {}); },
        Qt::QueuedConnection);
    const Outcome refused = outcomeOf(removal);
    disk.release();
    QCOMPARE(refused.status, 507);
    QVERIFY2(refused.summary.startsWith(QStringLiteral(
                 "the delete was sent and will be carried through, but the ring cannot write down")),
             qPrintable(refused.summary));
    const auto record = parts.ring.catalogue().find(parts.key("file"));
    QVERIFY(record && record->deleted);
}

QTEST_GUILESS_MAIN(TestRequests)
#include "tst_requests.moc"
