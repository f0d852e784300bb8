// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/loopback.h"
#include "tests/integration/faultyring.h"
#include "tests/support/spin.h"
#include "tests/support/testca.h"

#include <QDateTime>
#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// HTTP/1.1 as clients may speak it to the front, and TLS on either side of the ring.
class TestFront : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void keepsAConnectionForManyRequests();
    void answersPipelinedRequestsInTheirOrder();
    void takesChunkedUploads();
    void sendsContinueWhenAskedTo();
    void answersBeforeContinueWhenItRefuses();
    void headHasNoBody_data();
    void headHasNoBody();
    void headOfWhatIsRelayedSaysItsLength();
    void takesAbsoluteTargets();
    void datesItsAnswers();
    void countsWhatIsNoRequest();
    void servesHttp10();
    void closesWhenAskedTo();
    void listensOnBothLoopbackAddresses();
    void speaksTlsOnBothSides();
    void saysWhyACertificateIsNotTaken_data();
    void saysWhyACertificateIsNotTaken();
    void saysWhatIsWrongWithItsOwnCertificate();
    void cleanupTestCase() { m_ring.reset(); }

private:
    QByteArray head(const QByteArray &method, const QByteArray &path, const QByteArray &more = {}) const;

    std::unique_ptr<FaultyRing> m_ring;
};

namespace {

const QByteArray Content = FaultyRing::content(200'000, "front");

QJsonObject backend(CringProcess &ring, const QString &name)
{
    const auto status = ring.runCommand({QStringLiteral("status"), QStringLiteral("--json")});
    const QJsonArray all =
        QJsonDocument::fromJson(status.out).object().value(QStringLiteral("backends")).toArray();
    for (const QJsonValue &one : all) {
        if (one.toObject().value(QStringLiteral("name")) == name)
            return one.toObject();
    }
    return {};
}

/// Makes the server speak HTTPS. lifetime: seconds.
void certify(CharmServerOptions &options, TestCa &authority, const QString &name, long lifetime = 3'600)
{
    const auto pair = authority.issue({name}, lifetime);
    CRING_OK(pair);
    options.tlsCert = pair->cert;
    options.tlsKey = pair->key;
}

} // namespace

void TestFront::initTestCase()
{
    m_ring = std::make_unique<FaultyRing>();
    CRING_OK(m_ring->startServers());
    CRING_OK(m_ring->startRing());
    QCOMPARE(m_ring->upload("front/file", Content).status, 200);
}

QByteArray TestFront::head(const QByteArray &method, const QByteArray &path, const QByteArray &more) const
{
    return method + " /v1/fs/" + path + " HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer " +
           m_ring->token() + "\r\n" + more + "\r\n";
}

void TestFront::keepsAConnectionForManyRequests()
{
    HttpClient client = m_ring->client();
    QVERIFY(client.connectNow());
    const quint16 port = client.socket().localPort();
    for (int round = 0; round < 20; ++round) {
        const QByteArray path = "/v1/fs/front/kept" + QByteArray::number(round % 3);
        const QByteArray data = FaultyRing::content(10'000 + round, "kept");
        QCOMPARE(client.upload(path, data, m_ring->token()).status, 200);
        QCOMPARE(client.get(path, m_ring->token()).body, data);
        QCOMPARE(client.get("/v1/fs/front/missing", m_ring->token()).status, 404);
        QCOMPARE(client.get("/v1/fs/front/kept0", "wrong").status, 401);
        QCOMPARE(client.remove(path, m_ring->token()).status, 200);
    }
    QCOMPARE(client.socket().localPort(), port);
    QVERIFY(client.isOpen());
}

void TestFront::answersPipelinedRequestsInTheirOrder()
{
    HttpClient client = m_ring->client();
    const QByteArray form = HttpClient::multipart("pipelined");
    QByteArray all;
    for (int round = 0; round < 10; ++round) {
        all += head("GET", "front/file");
        all += head("POST", "front/piped?mode=420",
                    "Content-Type: multipart/form-data; boundary=test-boundary\r\nContent-Length: " +
                        QByteArray::number(form.size()) + "\r\n") +
               form;
        all += head("GET", "front/piped");
        all += head("GET", "front/missing");
    }
    client.send(all);
    for (int round = 0; round < 10; ++round) {
        QCOMPARE(client.read().body, Content);
        QCOMPARE(client.read().status, 200);
        QCOMPARE(client.read().body, "pipelined");
        QCOMPARE(client.read().status, 404);
    }
}

void TestFront::takesChunkedUploads()
{
    const QByteArray form = HttpClient::multipart(Content + "chunked");
    HttpClient client = m_ring->client();
    client.send(head("POST", "front/chunked?mode=420",
                     "Content-Type: multipart/form-data; boundary=test-boundary\r\n"
                     "Transfer-Encoding: chunked\r\n"));
    // Pieces of all sizes, with an extension and a trailer, which are to be read over.
    qsizetype size = 1;
    for (qsizetype at = 0; at < form.size(); at += size, size = size * 3 % 9'973 + 1) {
        const QByteArray piece = form.mid(at, size);
        client.send(QByteArray::number(piece.size(), 16) + ";name=\"value\"\r\n" + piece + "\r\n");
    }
    client.send("0\r\nX-Trailer: read over\r\n\r\n");
    const HttpResponse stored = client.read();
    QVERIFY2(stored.status == 200, stored.text().constData());
    QCOMPARE(client.get("/v1/fs/front/chunked", m_ring->token()).body, Content + "chunked");
    const QByteArray difference = m_ring->differenceAfter(5'000);
    QVERIFY2(difference.isEmpty(), difference.constData());
}

void TestFront::sendsContinueWhenAskedTo()
{
    const QByteArray form = HttpClient::multipart(Content);
    HttpClient client = m_ring->client();
    client.send(client.uploadHead("/v1/fs/front/expected", form.size(), m_ring->token(), 0644,
                                  {{"Expect", "100-continue"}}));
    QCOMPARE(client.readInterim(), 100);
    client.send(form);
    QCOMPARE(client.read().status, 200);
    QCOMPARE(client.get("/v1/fs/front/expected", m_ring->token()).body, Content);
}

void TestFront::answersBeforeContinueWhenItRefuses()
{
    HttpClient client = m_ring->client();
    client.send(
        client.uploadHead("/v1/fs/front/unexpected", 1'000'000, "wrong", 0644, {{"Expect", "100-continue"}}));
    const HttpResponse refused = client.read(3'000);
    QCOMPARE(refused.status, 401);
    QVERIFY(refused.interim.isEmpty());
    QVERIFY2(client.waitForClose(3'000), "whether a body follows cannot be known");
}

void TestFront::headHasNoBody_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("status");
    QTest::newRow("file") << QByteArray("front/file") << 200;
    QTest::newRow("folder") << QByteArray("front") << 200;
    QTest::newRow("nothing") << QByteArray("front/missing") << 404;
}

void TestFront::headHasNoBody()
{
    QFETCH(QByteArray, path);
    QFETCH(int, status);
    HttpClient client = m_ring->client();
    client.send(head("HEAD", path) + head("GET", "front/file"));
    const HttpResponse response = client.read(5'000, true);
    QVERIFY2(response.status == status, response.text().constData());
    // What comes next on the connection is the next answer, not a body.
    QCOMPARE(client.read().body, Content);
    // And it says what a real server says.
    HttpClient direct(m_ring->at(0).url());
    direct.send(head("HEAD", path));
    const HttpResponse real = direct.read(5'000, true);
    QCOMPARE(response.status, real.status);
    if (status == 200)
        QCOMPARE(response.header("X-File-Mode"), real.header("X-File-Mode"));
}

void TestFront::headOfWhatIsRelayedSaysItsLength()
{
    const QByteArray request = "HEAD /v1/public/jwks HTTP/1.1\r\nHost: ring\r\n\r\n";
    HttpClient direct(m_ring->at(0).url());
    direct.send(request);
    const HttpResponse real = direct.read(5'000, true);
    QVERIFY2(real.header("Content-Length").toInt() > 0, real.text().constData());
    HttpClient client = m_ring->client();
    client.send(request + head("GET", "front/file"));
    const HttpResponse response = client.read(5'000, true);
    QVERIFY2(response.status == 200, response.text().constData());
    QCOMPARE(response.header("Content-Length"), real.header("Content-Length"));
    QCOMPARE(response.header("Content-Type"), real.header("Content-Type"));
    QCOMPARE(client.read().body, Content);
}

/// As a proxy's clients send them (RFC 9112 §3.2.2). Whatever host they name: nothing is connected to by it.
void TestFront::takesAbsoluteTargets()
{
    HttpClient client = m_ring->client();
    const QByteArray fields = " HTTP/1.1\r\nHost: other\r\nAuthorization: bearer " + m_ring->token() + "\r\n";
    client.send("GET http://192.0.2.1:1/v1/fs/front/file" + fields + "\r\n");
    QCOMPARE(client.read().body, Content);
    const QByteArray form = HttpClient::multipart("absolute");
    client.send("POST http://ring/v1/fs/front/absolute?mode=420" + fields +
                "Content-Type: multipart/form-data; boundary=test-boundary\r\nContent-Length: " +
                QByteArray::number(form.size()) + "\r\n\r\n" + form);
    QCOMPARE(client.read().status, 200);
    QCOMPARE(client.get("/v1/fs/front/absolute", m_ring->token()).body, "absolute");
}

void TestFront::datesItsAnswers()
{
    HttpClient client = m_ring->client();
    for (const QByteArray &path : {QByteArray("/v1/fs/front/file"), QByteArray("/v1/fs/front/missing"),
                                   QByteArray("/v1/public/jwks"), QByteArray("/nowhere")}) {
        const QByteArray date = client.get(path, m_ring->token()).header("Date");
        const QDateTime told = QDateTime::fromString(QString::fromLatin1(date), Qt::RFC2822Date);
        QVERIFY2(qAbs(told.secsTo(QDateTime::currentDateTimeUtc())) <= 5, date.constData());
        QVERIFY2(date.endsWith(" GMT"), date.constData());
    }
}

void TestFront::countsWhatIsNoRequest()
{
    const auto refused = [this] {
        const auto status =
            m_ring->ring().runCommand({QStringLiteral("status"), QStringLiteral("--json")}).out;
        for (const QJsonValue &kind :
             QJsonDocument::fromJson(status).object().value(QStringLiteral("requests")).toArray()) {
            if (kind.toObject().value(QStringLiteral("kind")) == QStringLiteral("other"))
                return kind.toObject().value(QStringLiteral("refused")).toInt();
        }
        return -1;
    };
    const int before = refused();
    QVERIFY(before >= 0);
    HttpClient client = m_ring->client();
    client.send("this is not HTTP\r\n\r\n");
    QCOMPARE(client.read().status, 505);
    QCOMPARE(refused(), before + 1);
}

void TestFront::servesHttp10()
{
    HttpClient client = m_ring->client();
    client.send("GET /v1/fs/front/file HTTP/1.0\r\nAuthorization: bearer " + m_ring->token() + "\r\n\r\n");
    const HttpResponse response = client.read();
    QVERIFY2(response.status == 200 && response.header("Transfer-Encoding").isEmpty(),
             response.text().constData());
    QCOMPARE(response.body, Content);
    QVERIFY(client.waitForClose());
}

void TestFront::closesWhenAskedTo()
{
    HttpClient client = m_ring->client();
    client.send(head("GET", "front/file", "Connection: close\r\n"));
    const HttpResponse response = client.read();
    QCOMPARE(response.body, Content);
    QCOMPARE(response.header("Connection").toLower(), "close");
    QVERIFY(client.waitForClose());
}

/// "localhost" is two addresses, and clients choose either.
void TestFront::listensOnBothLoopbackAddresses()
{
    playground::RingOptions options = CringProcess::optionsFor(m_ring->cluster());
    options.address = QStringLiteral("localhost");
    options.httpPort = options.sshPort = 0;
    CringProcess ring(options);
    CRING_OK(ring.start());
    for (const QString &host : {QStringLiteral("127.0.0.1"), QStringLiteral("::1")}) {
        HttpClient client(host, ring.httpPort());
        QCOMPARE(client.get("/v1/public/jwks", {}).status, 200);
    }
}

void TestFront::speaksTlsOnBothSides()
{
    TestCa authority;
    const QString address = playground::ownLoopbackAddress(0);
    const quint16 port = playground::freePort(address);
    CharmCluster cluster(3, 1, QStringLiteral("https://%1:%2").arg(address).arg(port));
    CRING_OK(cluster.start(
        [&](int, CharmServerOptions &options) { certify(options, authority, options.address); }));
    const auto own = authority.issue({address});
    CRING_OK(own);
    playground::RingOptions options = CringProcess::optionsFor(cluster);
    options.httpPort = port;
    options.serviceLines = QStringLiteral("tls_cert = \"%1\"\ntls_key = \"%2\"\nca_file = \"%3\"\n")
                               .arg(own->cert, own->key, authority.file());
    CringProcess ring(options);
    CRING_OK(ring.start());
    QVERIFY2(spinUntil(
                 [&] {
                     return backend(ring, QStringLiteral("charm1")).value(QStringLiteral("state")) ==
                            QStringLiteral("up");
                 },
                 10'000),
             ring.logTail().constData());

    const QByteArray large = FaultyRing::content(20'000'000, "tls");
    const HttpResponse stored = HttpClient(ring.url()).upload("/v1/fs/prompt", large, cluster.token());
    // A writer that is not told when the encrypted bytes have left waits for the stall budget of 2 s.
    QVERIFY2(stored.status == 200 && stored.tookMs < 1'900, stored.text().constData());
    // The real client cannot decrypt this name.
    QCOMPARE(HttpClient(ring.url()).remove("/v1/fs/prompt", cluster.token()).status, 200);

    CharmClient &client = cluster.client();
    client.pointAt(address, ring.sshPort(), port);
    client.setVariable(QStringLiteral("SSL_CERT_FILE"), authority.file());
    const QString local = client.home() + QStringLiteral("/large");
    QFile file(local);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(large), large.size());
    file.close();
    CRING_OK(client.run({QStringLiteral("fs"), QStringLiteral("cp"), local, QStringLiteral("charm:large")}));
    const CharmClient::Output read =
        client.run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:large")});
    CRING_OK(read);
    QVERIFY(read.out == large);
    QVERIFY2(cluster.treeDifference().isEmpty(), cluster.treeDifference().constData());
    cluster.at(1).kill9();
    CRING_OK(client.run({QStringLiteral("fs"), QStringLiteral("cp"), local, QStringLiteral("charm:again")}));
    CRING_OK(client.run({QStringLiteral("fs"), QStringLiteral("ls"), QStringLiteral("charm:")}));
    QCOMPARE(ring.stop(), 0);
}

void TestFront::saysWhyACertificateIsNotTaken_data()
{
    QTest::addColumn<bool>("trusted");
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("lifetime");
    QTest::addColumn<QString>("reason");
    const QString own = playground::ownLoopbackAddress(1);
    QTest::newRow("good") << true << own << 3'600 << QString();
    QTest::newRow("unknown authority") << false << own << 3'600 << QStringLiteral("certificate");
    QTest::newRow("another's name") << true << QStringLiteral("other.example") << 3'600
                                    << QStringLiteral("host name");
    QTest::newRow("expired") << true << own << -3'600 << QStringLiteral("expired");
}

/// The server is down, in words that name the certificate, and not a byte of a file goes to it.
void TestFront::saysWhyACertificateIsNotTaken()
{
    QFETCH(bool, trusted);
    QFETCH(QString, name);
    QFETCH(int, lifetime);
    QFETCH(QString, reason);
    TestCa authority;
    TestCa stranger;
    CharmCluster cluster(3);
    CRING_OK(cluster.start([&](int index, CharmServerOptions &options) {
        if (index == 0)
            certify(options, trusted ? authority : stranger, name, lifetime);
    }));
    playground::RingOptions options = CringProcess::optionsFor(cluster);
    options.serviceLines = QStringLiteral("ca_file = \"%1\"\n").arg(authority.file());
    options.configLines = QStringLiteral("\n[timing]\nprobe_interval = \"300ms\"\n");
    CringProcess ring(options);
    CRING_OK(ring.start());
    const QString state = reason.isEmpty() ? QStringLiteral("up") : QStringLiteral("down");
    QJsonObject server;
    const bool reached = spinUntil(
        [&] {
            server = backend(ring, QStringLiteral("charm1"));
            return server.value(QStringLiteral("state")) == state;
        },
        15'000);
    const QByteArray seen = QJsonDocument(server).toJson(QJsonDocument::Compact);
    QVERIFY2(reached, seen.constData());
    QVERIFY2(server.value(QStringLiteral("reason")).toString().contains(reason, Qt::CaseInsensitive),
             seen.constData());
    const HttpResponse stored = HttpClient(ring.url()).upload("/v1/fs/tls", Content, cluster.token());
    QVERIFY2(stored.status == 200, stored.text().constData());
    const auto holdsIt = [&] {
        return cluster.at(0).files().contains(cluster.charmId() + QStringLiteral("/tls"));
    };
    // The two others may have been enough for the answer.
    if (reason.isEmpty())
        QVERIFY(spinUntil(holdsIt, 5'000));
    else
        QVERIFY(!holdsIt());
}

void TestFront::saysWhatIsWrongWithItsOwnCertificate()
{
    TestCa authority;
    const auto pair = authority.issue({QStringLiteral("127.0.0.1")});
    const auto other = authority.issue({QStringLiteral("127.0.0.1")});
    CRING_OK(pair);
    CRING_OK(other);
    // With the words of the start, when it did not.
    const auto starts = [&](const QString &lines, int code) {
        playground::RingOptions options = CringProcess::optionsFor(m_ring->cluster());
        options.httpPort = options.sshPort = 0;
        options.serviceLines = lines;
        CringProcess ring(options);
        const Status started = ring.start();
        QCOMPARE(started.ok(), code == 0);
        // What is wrong is known before anything starts.
        const auto checked = ring.runCommand({QStringLiteral("serve"), QStringLiteral("--check"),
                                              QStringLiteral("--config"), ring.configFile()});
        QVERIFY2(checked.exitCode == code, checked.err.constData());
        if (code == 0)
            return;
        QCOMPARE(ring.process()->exitCode(), code);
        QVERIFY2(checked.err.contains("CR-1006"), checked.err.constData());
        QVERIFY2(ring.logTail().contains("CR-1006"), ring.logTail().constData());
    };
    const auto own = [](const QString &cert, const QString &key) {
        return QStringLiteral("tls_cert = \"%1\"\ntls_key = \"%2\"\n").arg(cert, key);
    };
    const auto authorities = [](const QString &file) {
        return QStringLiteral("ca_file = \"%1\"\n").arg(file);
    };
    starts(own(pair->cert, pair->key) + authorities(authority.file()), 0);
    for (const QString &lines :
         {own(pair->key, pair->key), own(pair->cert, pair->cert), own(pair->cert, other->key),
          own(pair->cert, QStringLiteral("/nonexistent.key")), authorities(pair->key)}) {
        starts(lines, 4);
        if (QTest::currentTestFailed())
            qWarning().noquote() << lines;
    }
}

QTEST_GUILESS_MAIN(TestFront)
#include "tst_front.moc"
