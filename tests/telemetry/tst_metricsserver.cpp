// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/loopback.h"
#include "core/telemetry/metricsserver.h"
#include "core/telemetry/metricstoken.h"
#include "tests/support/exposition.h"
#include "tests/support/httpclient.h"
#include "tests/support/spin.h"

#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::telemetry;
using namespace cring::test;
using namespace std::chrono_literals;

/// The port for those who watch: what it answers, and what it lets nobody do.
class TestMetricsServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void answersThoseWhoWatch_data();
    void answersThoseWhoWatch();
    void givesTheMetrics();
    void theMetricsAreForWhoHasTheToken();
    void headHasNoBody();
    void isReadyWhenTheRingIs();
    void answersOneQuestionAConnection();
    void refusesWhatIsNoQuestion_data();
    void refusesWhatIsNoQuestion();
    void aBodyChangesNothing_data();
    void aBodyChangesNothing();
    void silenceHasAnEnd_data();
    void silenceHasAnEnd();
    void fewMayWatchAtOnce();
    void saysWhyItCannotListen();

private:
    HttpClient client() const { return HttpClient(m_address, m_server->port()); }

    const QString m_address = playground::ownLoopbackAddress();
    ManualClock m_clock;
    Metrics m_metrics{QStringLiteral("1.2.3")};
    MetricsServer::Readiness m_readiness;
    config::Limits m_limits;
    std::unique_ptr<MetricsServer> m_server;
};

namespace {

const QByteArray Plain = "text/plain; charset=utf-8";

} // namespace

void TestMetricsServer::init()
{
    m_readiness = {true, QStringLiteral("3 of 3 servers up")};
    m_limits = {};
    m_limits.headerBytes = 2'048;
    m_server = std::make_unique<MetricsServer>(
        m_metrics, [this] { return m_readiness; }, m_limits, m_clock);
    QVERIFY(m_server->listen(m_address + QStringLiteral(":0")));
}

void TestMetricsServer::answersThoseWhoWatch_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<int>("status");
    QTest::newRow("metrics") << QByteArray("GET") << QByteArray("/metrics") << 200;
    QTest::newRow("health") << QByteArray("GET") << QByteArray("/healthz") << 200;
    QTest::newRow("readiness") << QByteArray("GET") << QByteArray("/readyz") << 200;
    QTest::newRow("a query") << QByteArray("GET") << QByteArray("/metrics?name=x") << 200;
    QTest::newRow("an absolute target") << QByteArray("GET") << QByteArray("http://h/metrics") << 200;
    QTest::newRow("the root") << QByteArray("GET") << QByteArray("/") << 404;
    QTest::newRow("below") << QByteArray("GET") << QByteArray("/metrics/") << 404;
    QTest::newRow("beside") << QByteArray("GET") << QByteArray("/metricsx") << 404;
    QTest::newRow("escaped") << QByteArray("GET") << QByteArray("/%6detrics") << 404;
    QTest::newRow("dots") << QByteArray("GET") << QByteArray("/x/../metrics") << 404;
    QTest::newRow("two slashes") << QByteArray("GET") << QByteArray("//metrics") << 404;
    QTest::newRow("Charm's") << QByteArray("GET") << QByteArray("/v1/public/jwks") << 404;
    QTest::newRow("nothing but a query") << QByteArray("GET") << QByteArray("/?/metrics") << 404;
    for (const char *method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "NONSENSE"}) {
        QTest::newRow(method) << QByteArray(method) << QByteArray("/metrics") << 405;
        QTest::addRow("%s elsewhere", method) << QByteArray(method) << QByteArray("/x") << 404;
    }
}

void TestMetricsServer::answersThoseWhoWatch()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(int, status);
    const HttpResponse response = client().request(method, target);
    QVERIFY2(response.complete && response.status == status, response.text().constData());
    QCOMPARE(response.header("Allow"), status == 405 ? QByteArray("GET, HEAD") : QByteArray());
    QVERIFY(response.header("Content-Type").startsWith("text/plain; "));
    QVERIFY(response.body.endsWith('\n'));
}

void TestMetricsServer::givesTheMetrics()
{
    const HttpResponse response = client().request("GET", "/metrics");
    QCOMPARE(response.header("Content-Type"), QByteArray("text/plain; version=0.0.4; charset=utf-8"));
    const Exposition text(response.body);
    QCOMPARE(text.problem(), QByteArray());
    QVERIFY(text.metrics().contains("cring_build_info"));
}

void TestMetricsServer::theMetricsAreForWhoHasTheToken()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("token")));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("Abc.123\n") > 0 &&
            file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
    file.close();
    config::FileSecrets secrets;
    MetricsToken token(secrets);
    token.configure(QStringLiteral("file:") + file.fileName());
    QCOMPARE(token.problem(), QString());
    m_server->setAdmission([&](const http::RequestHead &request) { return token.admits(request); });
    const auto ask = [this](const QByteArray &target, const QByteArray &authorization) {
        return client().request("GET", target, {{"Authorization", authorization}});
    };
    for (const char *wrong : {"", "Bearer", "Bearer ", "Bearer Abc.12", "Bearer Abc.1234", "Bearer abc.123",
                              "Basic Abc.123", "Abc.123"}) {
        const HttpResponse refused = ask("/metrics", wrong);
        QVERIFY2(refused.status == 401, wrong);
        QCOMPARE(refused.header("WWW-Authenticate"), QByteArray("Bearer"));
        QVERIFY(!refused.body.contains("cring_"));
        QCOMPARE(ask("/healthz", wrong).status, 200);
        QCOMPARE(ask("/readyz", wrong).status, 200);
    }
    QCOMPARE(ask("/metrics", "Bearer Abc.123").status, 200);
    QCOMPARE(ask("/metrics?x=y", "bearer Abc.123").status, 200);

    // One that cannot be read lets nobody in; none lets everybody.
    token.configure(QStringLiteral("file:") + folder.filePath(QStringLiteral("gone")));
    QVERIFY(!token.problem().isEmpty());
    QCOMPARE(ask("/metrics", "Bearer Abc.123").status, 401);
    QCOMPARE(ask("/metrics", "Bearer ").status, 401);
    token.configure({});
    QCOMPARE(ask("/metrics", "").status, 200);
    m_server->setAdmission({});
}

void TestMetricsServer::headHasNoBody()
{
    const QByteArray length = client().request("GET", "/healthz").header("Content-Length");
    HttpClient client = this->client();
    client.send("HEAD /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
    const HttpResponse head = client.read(5'000, true);
    QCOMPARE(head.status, 200);
    QCOMPARE(head.header("Content-Length"), length);
    QVERIFY(client.waitForClose());
    QCOMPARE(client.socket().readAll(), QByteArray());
}

void TestMetricsServer::isReadyWhenTheRingIs()
{
    const HttpResponse ready = client().request("GET", "/readyz");
    QCOMPARE(ready.status, 200);
    QCOMPARE(ready.body, QByteArray("3 of 3 servers up\n"));
    m_readiness = {false, QStringLiteral("1 of 3 servers up: uploads fail")};
    const HttpResponse notReady = client().request("GET", "/readyz");
    QCOMPARE(notReady.status, 503);
    QCOMPARE(notReady.body, QByteArray("1 of 3 servers up: uploads fail\n"));
    QCOMPARE(notReady.header("Content-Type"), Plain);
    QCOMPARE(client().request("GET", "/healthz").status, 200);
}

/// However many were sent: nobody keeps the loop busy with one write.
void TestMetricsServer::answersOneQuestionAConnection()
{
    HttpClient client = this->client();
    client.send(QByteArray("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n").repeated(1'000));
    const HttpResponse response = client.read(5'000);
    QCOMPARE(response.status, 200);
    QCOMPARE(response.header("Connection"), QByteArray("close"));
    QVERIFY(client.waitForClose());
    QCOMPARE(client.read(1'000).status, 0);
    QCOMPARE(Exposition(this->client().request("GET", "/metrics").body).number("cring_scrapes_total"),
             Exposition(response.body).number("cring_scrapes_total") + 1);
}

void TestMetricsServer::refusesWhatIsNoQuestion_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("status");
    QTest::newRow("garbage") << QByteArray("\x16\x03\x01\x02 nothing\r\n\r\n") << 400;
    QTest::newRow("another protocol") << QByteArray("SSH-2.0-OpenSSH_9.2\r\n\r\n") << 400;
    QTest::newRow("no host") << QByteArray("GET /metrics HTTP/1.1\r\n\r\n") << 400;
    QTest::newRow("a long header") << QByteArray("GET /metrics HTTP/1.1\r\nHost: h\r\nX: " +
                                                 QByteArray(4'096, 'x') + "\r\n\r\n")
                                   << 431;
    QTest::newRow("a large body")
        << QByteArray("POST /metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n") << 413;
    QTest::newRow("two lengths")
        << QByteArray("GET /metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")
        << 400;
}

void TestMetricsServer::refusesWhatIsNoQuestion()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, status);
    HttpClient client = this->client();
    client.send(bytes);
    const HttpResponse response = client.read(5'000);
    QVERIFY2(response.status == status, response.text().constData());
    QVERIFY(client.waitForClose());
    QCOMPARE(this->client().request("GET", "/healthz").status, 200);
}

void TestMetricsServer::aBodyChangesNothing_data()
{
    QTest::addColumn<QByteArray>("framing");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("a length") << QByteArray("Content-Length: 30")
                              << QByteArray("GET /x HTTP/1.1\r\nHost: h\r\n\r\n12");
    QTest::newRow("chunks") << QByteArray("Transfer-Encoding: chunked")
                            << QByteArray("4\r\nGET \r\n0\r\n\r\n");
}

/// It is no further request.
void TestMetricsServer::aBodyChangesNothing()
{
    QFETCH(QByteArray, framing);
    QFETCH(QByteArray, body);
    HttpClient client = this->client();
    client.send("POST /metrics HTTP/1.1\r\nHost: h\r\n" + framing + "\r\n\r\n" + body);
    QCOMPARE(client.read(5'000).status, 405);
    QVERIFY(client.waitForClose());
    QCOMPARE(client.read(1'000).status, 0);
}

void TestMetricsServer::silenceHasAnEnd_data()
{
    QTest::addColumn<QByteArray>("first");
    QTest::addColumn<int>("seconds");
    QTest::newRow("nothing sent") << QByteArray() << 91;
    QTest::newRow("half a header") << QByteArray("GET /metrics HT") << 21;
}

void TestMetricsServer::silenceHasAnEnd()
{
    QFETCH(QByteArray, first);
    QFETCH(int, seconds);
    HttpClient client = this->client();
    QVERIFY(client.connectNow());
    client.send(first);
    QVERIFY(client.flush());
    // Deadlines are looked at twice a second: once to see when the wait began, and again after its end.
    QVERIFY(!client.waitForClose(1'200));
    m_clock.advance(std::chrono::seconds(seconds));
    QVERIFY(client.waitForClose(10'000));
}

void TestMetricsServer::fewMayWatchAtOnce()
{
    constexpr int Most = 32;
    std::vector<std::unique_ptr<HttpClient>> clients;
    for (int i = 0; i < Most; ++i) {
        clients.push_back(std::make_unique<HttpClient>(m_address, m_server->port()));
        QVERIFY(clients.back()->connectNow());
    }
    HttpClient tooMany = client();
    QVERIFY(tooMany.connectNow());
    QVERIFY(tooMany.waitForClose());
    QCOMPARE(clients.front()->request("GET", "/metrics").status, 200);
    clients.pop_back();
    QVERIFY(spinUntil([this] { return client().request("GET", "/healthz", {}, {}, 2'000).status == 200; },
                      5'000));
}

void TestMetricsServer::saysWhyItCannotListen()
{
    MetricsServer second(
        m_metrics, [this] { return m_readiness; }, m_limits, m_clock);
    const Status taken = second.listen(QStringLiteral("%1:%2").arg(m_address).arg(m_server->port()));
    QVERIFY(!taken);
    QCOMPARE(taken.error().code, Code::AddressInUse);
    QVERIFY(taken.error().detail.contains(QStringLiteral("in use by another program")));
    QCOMPARE(second.endpoints(), QStringList());
    QCOMPARE(client().request("GET", "/healthz").status, 200);
}

QTEST_GUILESS_MAIN(TestMetricsServer)
#include "tst_metricsserver.moc"
