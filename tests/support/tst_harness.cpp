// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/childprocess.h"
#include "tests/support/charmcluster.h"
#include "tests/support/charmlink.h"
#include "tests/support/cringprocess.h"
#include "tests/support/faultyserver.h"
#include "tests/support/httpclient.h"
#include "tests/support/smalldisk.h"
#include "tests/support/spin.h"
#include "tests/support/testca.h"

#include <QCryptographicHash>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// The harness itself: what the other tests believe without asking.
class TestHarness : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void serversOfAClusterStandForOneAnother();
    void serversRunUnprivileged();
    void restartsOnTheSamePorts();
    void pausedServerAnswersAgainWhenItWakes();
    void strangersShareNothing();
    void quotaRefuses();
    void fullDiskRefuses();
    void servesHttps();
    void realClientsLinkOnTerminals();
    void forgedTokensAreRefusedByARealServer_data();
    void forgedTokensAreRefusedByARealServer();
    void faultyServerForwardsAndFails();
    void faultyServerAloneAnswersByRule();
    void nothingOfThePersonReachesTheRing();

    void cleanupTestCase() { m_cluster.reset(); }

private:
    std::unique_ptr<CharmCluster> m_cluster; ///< Of the forged tokens: one for all rows.
};

void TestHarness::serversOfAClusterStandForOneAnother()
{
    CharmCluster cluster(3, 2);
    CRING_OK(cluster.start());
    QVERIFY(cluster.charmId(0) != cluster.charmId(1));

    const QByteArray stored = QByteArray(100'000, 'x');
    for (int index = 0; index < 3; ++index) {
        HttpClient http(cluster.at(index).url());
        const HttpResponse keys = http.request("GET", "/v1/public/jwks");
        QVERIFY2(keys.body.contains(cluster.minter().kid()), keys.text().constData());
        // A token of any of them, and one of ours, is good at all of them.
        for (const QByteArray &token : {cluster.token(), cluster.realToken((index + 1) % 3)}) {
            const HttpResponse upload = http.upload("/v1/fs/folder/a%20file", stored, token);
            QVERIFY2(upload.status == 200 && upload.complete, upload.text().constData());
        }
        const HttpResponse download = http.get("/v1/fs/folder/a%20file", cluster.token());
        QVERIFY2(download.complete, download.text().constData());
        QCOMPARE(download.body, stored);
        QCOMPARE(http.get("/v1/fs/folder/a%20file", cluster.token(1)).status, 404);
        const TreeEntry entry =
            cluster.at(index).files().value(cluster.charmId() + QStringLiteral("/folder/a%20file"));
        QCOMPARE(entry.mode, 0644u);
        QCOMPARE(entry.size, stored.size());
        QCOMPARE(entry.sha256, QCryptographicHash::hash(stored, QCryptographicHash::Sha256).toHex());
        QVERIFY(index == 2 || !cluster.treeDifference().isEmpty());
    }
    QCOMPARE(cluster.treeDifference(), QByteArray());
}

void TestHarness::serversRunUnprivileged()
{
    CharmCluster cluster(1);
    CRING_OK(cluster.start());
    HttpClient http(cluster.at(0).url());
    QCOMPARE(http.upload("/v1/fs/f/readonly", "1", cluster.token(), 0755).status, 200);
    QCOMPARE(http.upload("/v1/fs/f/other", "1", cluster.token(), 0444).status, 200);
    QCOMPARE(http.upload("/v1/fs/f/other", "2", cluster.token(), 0444).status, 500);
}

void TestHarness::restartsOnTheSamePorts()
{
    CharmCluster cluster(1);
    CRING_OK(cluster.start());
    CharmServer &server = cluster.at(0);
    const QUrl url = server.url();
    for (const bool hard : {false, true}) {
        if (hard)
            server.kill9();
        else
            server.stop();
        QVERIFY(!HttpClient(url).connectNow());
        CRING_OK(server.start());
        QCOMPARE(server.url(), url);
        QCOMPARE(HttpClient(url).request("GET", "/v1/public/jwks").status, 200);
    }
}

void TestHarness::pausedServerAnswersAgainWhenItWakes()
{
    CharmCluster cluster(1);
    CRING_OK(cluster.start());
    cluster.at(0).pause();
    HttpClient http(cluster.at(0).url());
    QVERIFY(http.connectNow());
    http.send("GET /v1/public/jwks HTTP/1.1\r\nHost: x\r\n\r\n");
    QCOMPARE(http.read(300).status, 0);
    cluster.at(0).resume();
    QCOMPARE(http.read().status, 200);
}

void TestHarness::strangersShareNothing()
{
    CharmCluster cluster(1);
    CRING_OK(cluster.start());
    const auto other = cluster.addServer(CharmCluster::Data::Fresh);
    CRING_OK(other);
    CRING_OK((*other)->start());
    HttpClient http((*other)->url());
    QVERIFY(!http.request("GET", "/v1/public/jwks").body.contains(cluster.minter().kid()));
    QCOMPARE(http.get("/v1/fs/", cluster.token()).status, 401);
}

void TestHarness::quotaRefuses()
{
    CharmCluster cluster(1);
    CRING_OK(cluster.start());
    CharmServer &server = cluster.at(0);
    QCOMPARE(HttpClient(server.url()).upload("/v1/fs/a", "small", cluster.token()).status, 200);
    server.options().userMaxStorage = 10'000;
    CRING_OK(server.restart());
    QCOMPARE(HttpClient(server.url()).upload("/v1/fs/b", QByteArray(20'000, 'x'), cluster.token()).status,
             403);
}

void TestHarness::fullDiskRefuses()
{
    SmallDisk disk(20'000'000);
    CRING_OK(disk.made());
    CharmCluster cluster(0, 1);
    CRING_OK(cluster.start());
    const auto server = cluster.addServer(CharmCluster::Data::Shared, [&](CharmServerOptions &options) {
        options.dataDir = disk.path() + QStringLiteral("/data");
    });
    CRING_OK(server);
    CRING_OK((*server)->start());
    HttpClient http((*server)->url());
    QCOMPARE(http.upload("/v1/fs/a", QByteArray(1'000'000, 'x'), cluster.token()).status, 200);
    disk.fill();
    QCOMPARE(http.upload("/v1/fs/b", QByteArray(1'000'000, 'x'), cluster.token()).status, 500);
    disk.release();
    QCOMPARE(http.upload("/v1/fs/b", QByteArray(1'000'000, 'x'), cluster.token()).status, 200);
}

void TestHarness::servesHttps()
{
    TestCa authority;
    CharmCluster cluster(0, 1);
    CRING_OK(cluster.start());
    const auto server = cluster.addServer(CharmCluster::Data::Shared, [&](CharmServerOptions &options) {
        const auto pair = authority.issue({options.address});
        QVERIFY(pair.ok());
        options.tlsCert = pair->cert;
        options.tlsKey = pair->key;
    });
    CRING_OK(server);
    CRING_OK((*server)->start());
    HttpClient http((*server)->url());
    http.socket().setPeerVerifyMode(QSslSocket::VerifyPeer);
    QSslConfiguration trusting = http.socket().sslConfiguration();
    trusting.setCaCertificates(QSslCertificate::fromPath(authority.file()));
    http.socket().setSslConfiguration(trusting);
    QCOMPARE(http.upload("/v1/fs/a", "over TLS", cluster.token()).status, 200);
    QCOMPARE(http.get("/v1/fs/a", cluster.token()).body, "over TLS");
}

void TestHarness::realClientsLinkOnTerminals()
{
    CharmCluster cluster(1);
    CRING_OK(cluster.start());
    CharmServer &server = cluster.at(0);
    CharmClient &stranger = *cluster.addStranger();
    for (CharmClient *client : {&cluster.client(), &stranger})
        client->pointAt(server.address(), server.sshPort(), server.httpPort());
    QVERIFY(stranger.run({QStringLiteral("id")}).out.trimmed() != cluster.charmId().toUtf8());

    const QByteArray trouble = linkTrouble(cluster.client(), stranger);
    QVERIFY2(trouble.isEmpty(), trouble.constData());
    QCOMPARE(stranger.run({QStringLiteral("id")}).out.trimmed(), cluster.charmId().toUtf8());
}

void TestHarness::forgedTokensAreRefusedByARealServer_data()
{
    m_cluster = std::make_unique<CharmCluster>(1);
    CRING_OK(m_cluster->start());
    QTest::addColumn<int>("forgery");
    QTest::addColumn<int>("status");
    QTest::newRow("none") << int(Forgery::None) << 404;
    QTest::newRow("expired") << int(Forgery::Expired) << 401;
    QTest::newRow("other issuer") << int(Forgery::OtherIssuer) << 401;
    QTest::newRow("other audience") << int(Forgery::OtherAudience) << 401;
    QTest::newRow("no audience") << int(Forgery::NoAudience) << 401;
    QTest::newRow("other key") << int(Forgery::OtherKey) << 401;
    QTest::newRow("other key, known kid") << int(Forgery::OtherKeyKnownKid) << 401;
    QTest::newRow("alg none") << int(Forgery::AlgNone) << 401;
    QTest::newRow("broken signature") << int(Forgery::BrokenSignature) << 401;
}

void TestHarness::forgedTokensAreRefusedByARealServer()
{
    QFETCH(int, forgery);
    QFETCH(int, status);
    HttpClient http(m_cluster->at(0).url());
    const HttpResponse response = http.get("/v1/fs/absent", m_cluster->token(0, Forgery(forgery)));
    QVERIFY2(response.status == status, response.text().constData());
}

void TestHarness::faultyServerForwardsAndFails()
{
    CharmCluster cluster(1);
    CRING_OK(cluster.start());
    FaultyServer faulty;
    faulty.forwardTo(cluster.at(0).url());
    const QByteArray data(3'000'000, 'd');
    const QByteArray token = cluster.token();

    // The real client sees nothing of it.
    HttpClient http(faulty.url());
    QCOMPARE(http.upload("/v1/fs/a", data, token).status, 200);
    QCOMPARE(http.get("/v1/fs/a", token).body, data);
    QCOMPARE(faulty.requests("POST").first().complete, true);

    faulty.on("GET", "/v1/fs/", Fault::cutResponse(1'000'000), 1);
    const HttpResponse cut = http.get("/v1/fs/a", token);
    QVERIFY2(cut.status == 200 && cut.cut && !cut.complete, cut.text().constData());
    QVERIFY2(cut.bodySize < 1'000'001, cut.text().constData());

    faulty.on("POST", "/v1/fs/lost", Fault::loseResponse());
    const HttpResponse lost = HttpClient(faulty.url()).upload("/v1/fs/lost", data, token);
    QVERIFY2(lost.status == 0 && lost.cut, lost.text().constData());
    QCOMPARE(HttpClient(faulty.url()).get("/v1/fs/lost", token).bodySize, data.size());

    faulty.on("POST", "/v1/fs/cut", Fault::cutRequest(1'000'000).reset());
    QCOMPARE(HttpClient(faulty.url()).upload("/v1/fs/cut", data, token).status, 0);
    QCOMPARE(HttpClient(faulty.url()).get("/v1/fs/cut", token).status, 404);

    // Stored, but late, when the client has long gone.
    faulty.on("POST", "/v1/fs/late", Fault::delayEnd(400));
    QCOMPARE(HttpClient(faulty.url()).upload("/v1/fs/late", data, token, 0644, 100).status, 0);
    QCOMPARE(HttpClient(faulty.url()).get("/v1/fs/late", token).status, 404);
    QVERIFY(
        spinUntil([&] { return HttpClient(faulty.url()).get("/v1/fs/late", token).body == data; }, 5'000));

    faulty.on("POST", "/v1/fs/stall", Fault::stallRequest(500'000));
    HttpClient stalled(faulty.url());
    QCOMPARE(stalled.upload("/v1/fs/stall", QByteArray(30'000'000, 'x'), token, 0644, 500).status, 0);
    QVERIFY(stalled.isOpen());
    QVERIFY(!stalled.flush(100));
    QCOMPARE(faulty.requests("POST", "/v1/fs/stall").first().bodySize, 500'000);
}

void TestHarness::faultyServerAloneAnswersByRule()
{
    FaultyServer faulty;
    HttpClient http(faulty.url());
    QCOMPARE(http.request("GET", "/").status, 404);
    faulty.on("GET", "/v1/", Fault::status(500, R"({"message":"internal error"})"), 1);
    QCOMPARE(http.request("GET", "/v1/fs/x").message(), QStringLiteral("internal error"));
    QCOMPARE(http.request("GET", "/v1/fs/x").status, 404);

    faulty.on("POST", "/early", Fault::early(401));
    http.send(http.uploadHead("/early", 100, {}));
    QCOMPARE(http.read(1'000).status, 401);
    http.close();

    faulty.on("GET", "/silent", Fault::silent());
    HttpClient silent(faulty.url());
    silent.send("GET /silent HTTP/1.1\r\n\r\n");
    QCOMPARE(silent.read(200).status, 0);
    QVERIFY(silent.isOpen());

    faulty.on("GET", "/slow", Fault::trickle(Fault::answerBytes(200, "0123456789", "text/plain"), 20, 10));
    const HttpResponse slow = HttpClient(faulty.url()).request("GET", "/slow");
    QVERIFY2(slow.complete && slow.body == "0123456789", slow.text().constData());

    faulty.on("GET", "/garbage", Fault::raw("\x01\x02 not HTTP"));
    QVERIFY(HttpClient(faulty.url()).request("GET", "/garbage").malformed);

    faulty.on("POST", "/chunks", Fault::status(200));
    HttpClient chunks(faulty.url());
    QCOMPARE(
        chunks.request("POST", "/chunks", {{"Transfer-Encoding", "chunked"}}, "3\r\nabc\r\n0\r\n\r\n").status,
        200);

    faulty.stop();
    QVERIFY(!HttpClient(faulty.url()).connectNow());
}

void TestHarness::nothingOfThePersonReachesTheRing()
{
    const auto ofMine = [](const char *variable, const char *value, const QString &key) {
        qputenv(variable, value);
        CringProcess ring{playground::RingOptions()};
        const CringProcess::Output got = ring.runCommand(
            {QStringLiteral("config"), QStringLiteral("get"), key, QStringLiteral("--quiet")});
        qunsetenv(variable);
        return got.out.trimmed();
    };
    QCOMPARE(ofMine("CRING_REPLICAS", "7", QStringLiteral("service.replicas")), "3");
    QCOMPARE(ofMine("CRING_ADDRESS", ":1", QStringLiteral("service.address")), "localhost:35354");
    QCOMPARE(ofMine("CRING_DEBUG", "1", QStringLiteral("service.log_level")), "info");
    QCOMPARE(ofMine("CRING_TIMING_DRAIN_TIME", "1s", QStringLiteral("timing.drain_time")), "30s");
}

QTEST_GUILESS_MAIN(TestHarness)
#include "tst_harness.moc"
