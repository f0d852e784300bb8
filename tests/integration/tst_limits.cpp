// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/support/spin.h"
#include "tests/support/testca.h"

#include <QElapsedTimer>
#include <QHostAddress>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include <algorithm>

using namespace cring;
using namespace cring::test;

/// Clients that take their time or come in crowds: each bound of [limits] holds, and frees what was held.
class TestLimits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void aHeaderHasItsTimeInAll();
    void silenceHasAnEnd_data();
    void silenceHasAnEnd();
    void aStalledUploadEndsAndLeavesNothing();
    void aStalledReaderEndsAndFreesItsServer();
    void progressIsNotSilence();
    void oneAddressGetsItsShareOfConnections();
    void allAddressesTogetherAreBounded();
    void aHandshakeHasItsTime_data();
    void aHandshakeHasItsTime();
    void cleanupTestCase() { m_ring.reset(); }

private:
    int outstanding();

    std::unique_ptr<FaultyRing> m_ring;
    TestCa m_authority;
    QString m_tls; ///< Lines of [service].
};

namespace {

const QString Limits = QStringLiteral("\n[limits]\nheader_time = \"600ms\"\nidle_time = \"1500ms\"\n"
                                      "connections = 12\nconnections_per_address = 8\n");
constexpr qint64 HeaderMs = 600;
constexpr qint64 IdleMs = 1'500;
/// Deadlines are looked at twice a second; the rest is for a busy machine.
constexpr qint64 SlackMs = 2'500;
constexpr int PerAddress = 8;
constexpr int InAll = 12;

/// How long it takes until the peer closes, in milliseconds; -1 when it does not.
qint64 closesAfter(HttpClient &client, qint64 limit)
{
    QElapsedTimer timer;
    timer.start();
    return client.waitForClose(static_cast<int>(limit)) ? timer.elapsed() : -1;
}

/// The same machine, in the eyes of the ring another one.
void comeFrom(HttpClient &client, const QString &address)
{
    QVERIFY(client.socket().bind(QHostAddress(address)));
}

} // namespace

void TestLimits::initTestCase()
{
    m_ring = std::make_unique<FaultyRing>();
    CRING_OK(m_ring->startServers());
    CRING_OK(m_ring->startRing({}, Limits));
    QCOMPARE(m_ring->upload("witness", "here").status, 200);
    const auto pair = m_authority.issue({m_ring->ring().address()});
    CRING_OK(pair);
    m_tls = QStringLiteral("tls_cert = \"%1\"\ntls_key = \"%2\"\n").arg(pair->cert, pair->key);
}

/// Whatever was cut has given back what it held.
void TestLimits::cleanup()
{
    QVERIFY(spinUntil([this] { return m_ring->get("witness").body == "here"; }, 10'000));
    QVERIFY(spinUntil([this] { return outstanding() == 0; }, 5'000));
}

int TestLimits::outstanding()
{
    const QJsonArray backends =
        QJsonDocument::fromJson(
            m_ring->ring().runCommand({QStringLiteral("status"), QStringLiteral("--json")}).out)
            .object()
            .value(QStringLiteral("backends"))
            .toArray();
    int sum = backends.isEmpty() ? -1 : 0;
    for (const QJsonValue &backend : backends)
        sum += backend.toObject().value(QStringLiteral("outstanding")).toInt();
    return sum;
}

/// However busily it sends.
void TestLimits::aHeaderHasItsTimeInAll()
{
    HttpClient client = m_ring->client();
    QVERIFY(client.connectNow());
    QElapsedTimer timer;
    timer.start();
    client.send("GET /v1/fs/witness HTTP/1.1\r\n");
    while (client.isOpen() && timer.elapsed() < HeaderMs + SlackMs) {
        client.send("X-Drop: a\r\n");
        QTest::qWait(50); // the pace of the client
    }
    QVERIFY2(!client.isOpen(), "the header goes on for ever");
    QVERIFY2(timer.elapsed() >= HeaderMs, QByteArray::number(timer.elapsed()).constData());
}

void TestLimits::silenceHasAnEnd_data()
{
    QTest::addColumn<QByteArray>("first");
    QTest::addColumn<qint64>("bound");
    QTest::newRow("nothing sent") << QByteArray() << IdleMs;
    QTest::newRow("half a header") << QByteArray("GET /v1/fs/witness HT") << HeaderMs;
    QTest::newRow("kept alive") << QByteArray("GET /v1/public/jwks HTTP/1.1\r\nHost: ring\r\n\r\n") << IdleMs;
    QTest::newRow("half a second header")
        << QByteArray("GET /v1/public/jwks HTTP/1.1\r\nHost: ring\r\n\r\nGET /v1") << HeaderMs;
}

void TestLimits::silenceHasAnEnd()
{
    QFETCH(QByteArray, first);
    QFETCH(qint64, bound);
    HttpClient client = m_ring->client();
    QVERIFY(client.connectNow());
    client.send(first);
    if (first.contains("\r\n\r\n"))
        QCOMPARE(client.read().status, 200);
    const qint64 took = closesAfter(client, bound + SlackMs);
    QVERIFY2(took >= bound - 100, QByteArray::number(took).constData());
}

void TestLimits::aStalledUploadEndsAndLeavesNothing()
{
    HttpClient client = m_ring->client();
    const QByteArray form = HttpClient::multipart(FaultyRing::content(2'000'000, "stalled"));
    client.send(client.uploadHead("/v1/fs/stalled", form.size(), m_ring->token()) + form.left(1'000'000));
    QVERIFY(client.flush());
    const qint64 took = closesAfter(client, IdleMs + SlackMs);
    QVERIFY2(took >= IdleMs - 100, QByteArray::number(took).constData());
    QCOMPARE(m_ring->get("stalled").status, 404);
    for (int index = 0; index < FaultyRing::Servers; ++index)
        QVERIFY(!m_ring->holds(index, QStringLiteral("stalled")));
}

void TestLimits::aStalledReaderEndsAndFreesItsServer()
{
    const QByteArray large = FaultyRing::content(40'000'000, "stalled reader");
    QCOMPARE(m_ring->upload("large", large).status, 200);
    QVERIFY(spinUntil([this] { return outstanding() == 0; }, 5'000));
    HttpClient client = m_ring->client();
    client.socket().setReadBufferSize(1'000);
    client.send("GET /v1/fs/large HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer " + m_ring->token() +
                "\r\n\r\n");
    QVERIFY(spinUntil([this] { return outstanding() == 1; }, 10'000));
    QVERIFY(spinUntil([this] { return outstanding() == 0; }, static_cast<int>(IdleMs + SlackMs)));
    client.socket().setReadBufferSize(0);
    const HttpResponse rest = client.read();
    QVERIFY2(!rest.complete && rest.bodySize < large.size(), rest.text().left(200).constData());
    QCOMPARE(m_ring->remove("large").status, 200);
}

/// A slow line is none of all that.
void TestLimits::progressIsNotSilence()
{
    HttpClient client = m_ring->client();
    const QByteArray data = FaultyRing::content(4'000, "slow");
    const QByteArray form = HttpClient::multipart(data);
    client.send(client.uploadHead("/v1/fs/slow", form.size(), m_ring->token()));
    QElapsedTimer timer;
    timer.start();
    constexpr int Pieces = 20;
    const qsizetype size = form.size() / Pieces + 1;
    for (int piece = 0; piece < Pieces; ++piece) {
        client.send(form.mid(piece * size, size));
        QTest::qWait(200); // the pace of the line
    }
    QVERIFY(timer.elapsed() > 2 * IdleMs);
    const HttpResponse stored = client.read();
    QVERIFY2(stored.status == 200, stored.text().constData());
    QCOMPARE(m_ring->get("slow").body, data);
}

void TestLimits::oneAddressGetsItsShareOfConnections()
{
    std::vector<std::unique_ptr<HttpClient>> crowd;
    for (int index = 0; index < PerAddress; ++index) {
        crowd.push_back(std::make_unique<HttpClient>(m_ring->ring().url()));
        QCOMPARE(crowd.back()->get("/v1/fs/witness", m_ring->token()).body, "here");
    }
    HttpClient tooMany = m_ring->client();
    (void)tooMany.connectNow();
    QVERIFY(tooMany.waitForClose(10'000));
    HttpClient other = m_ring->client();
    comeFrom(other, QStringLiteral("127.0.0.77"));
    QCOMPARE(other.get("/v1/fs/witness", m_ring->token()).body, "here");
    crowd.pop_back();
    QVERIFY(spinUntil([this] { return m_ring->get("witness").status == 200; }, 10'000));
}

void TestLimits::allAddressesTogetherAreBounded()
{
    std::vector<std::unique_ptr<HttpClient>> crowd;
    for (int index = 0; index < InAll; ++index) {
        crowd.push_back(std::make_unique<HttpClient>(m_ring->ring().url()));
        comeFrom(*crowd.back(), QStringLiteral("127.0.1.%1").arg(index + 1));
        QCOMPARE(crowd.back()->get("/v1/fs/witness", m_ring->token()).body, "here");
    }
    HttpClient tooMany = m_ring->client();
    comeFrom(tooMany, QStringLiteral("127.0.2.1"));
    (void)tooMany.connectNow();
    QVERIFY(tooMany.waitForClose(10'000));
    QVERIFY2(m_ring->ring().runCommand({QStringLiteral("status")}).exitCode == 0, "the ring can be asked");
    crowd.clear();
    QVERIFY(spinUntil([this] { return m_ring->get("witness").status == 200; }, 10'000));
}

void TestLimits::aHandshakeHasItsTime_data()
{
    QTest::addColumn<QByteArray>("first");
    QTest::newRow("begins and stops") << QByteArray("\x16\x03\x01\x02\x00\x01", 6);
    QTest::newRow("is no TLS") << QByteArray("GET /v1/fs/witness HTTP/1.1\r\nHost: ring\r\n\r\n");
    QTest::newRow("nothing") << QByteArray();
}

void TestLimits::aHandshakeHasItsTime()
{
    QFETCH(QByteArray, first);
    CRING_OK(m_ring->startRing({}, m_tls + Limits));
    QUrl plain = m_ring->ring().url();
    plain.setScheme(QStringLiteral("http"));
    HttpClient client(plain);
    QVERIFY(client.connectNow());
    client.send(first);
    QCOMPARE(m_ring->get("witness").body, "here"); // beside it, over TLS
    const qint64 took = closesAfter(client, IdleMs + SlackMs);
    QVERIFY2(took >= 0, "the handshake goes on for ever");
    QCOMPARE(m_ring->get("witness").body, "here");
}

QTEST_GUILESS_MAIN(TestLimits)
#include "tst_limits.moc"
