// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace cring::test;

/// Uploads that meet clients who stall, connections that died, and servers that answer at the wrong time.
class TestUploads : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void stalledClientBlocksNobody();
    void deadKeepAliveConnectionsAreReplacedUnseen();
    void earlyRefusalByAllIsPassedOn_data();
    void earlyRefusalByAllIsPassedOn();
    void answerBeforeTheBodyIsNoReceipt();
    void cleanupTestCase() { m_ring.reset(); }

private:
    std::unique_ptr<FaultyRing> m_ring;
};

namespace {

constexpr qint64 PromptMs = 1'500;
constexpr int MendLimit = 20'000;

} // namespace

void TestUploads::initTestCase()
{
    m_ring = std::make_unique<FaultyRing>();
    CRING_OK(m_ring->startServers());
}

/// The stall lasts as long as what others do meanwhile, a second or two; nothing in the ring ends it sooner
/// than its idle time of a minute.
void TestUploads::stalledClientBlocksNobody()
{
    CRING_OK(m_ring->startRing());
    const QByteArray old = FaultyRing::content(10'000, "old");
    QCOMPARE(m_ring->upload("stall/file", old).status, 200);
    HttpClient stalled = m_ring->client();
    const QByteArray late = FaultyRing::content(2'000'000, "late");
    const QByteArray body = HttpClient::multipart(late);
    stalled.send(stalled.uploadHead("/v1/fs/stall/file", body.size(), m_ring->token()) +
                 body.left(1'000'000));
    QVERIFY(stalled.flush());
    const auto prompt = [](const HttpResponse &response, int status) {
        QVERIFY2(response.status == status && response.complete && response.tookMs <= PromptMs,
                 response.text().constData());
    };
    for (int round = 0; round < 5; ++round) {
        const QByteArray other = FaultyRing::content(20'000, "other" + QByteArray::number(round));
        prompt(m_ring->upload("stall/file", other), 200);
        prompt(m_ring->upload("stall/neighbour", other), 200);
        prompt(m_ring->get("stall/file"), 200);
        QCOMPARE(m_ring->get("stall/file").body, other);
        prompt(m_ring->get("stall"), 200);
        prompt(m_ring->remove("stall/neighbour"), 200);
        prompt(m_ring->remove("stall/file"), 200);
        prompt(m_ring->get("stall/file"), 404);
        prompt(m_ring->remove("stall"), 200);
    }
    stalled.send(body.mid(1'000'000));
    const HttpResponse stored = stalled.read();
    QVERIFY2(stored.status == 200, stored.text().constData());
    QCOMPARE(m_ring->get("stall/file").body, late);
    const QByteArray difference = m_ring->differenceAfter(MendLimit);
    QVERIFY2(difference.isEmpty(), difference.constData());
}

void TestUploads::deadKeepAliveConnectionsAreReplacedUnseen()
{
    CRING_OK(m_ring->startRing());
    for (int round = 0; round < 3; ++round) {
        const QByteArray path = "alive" + QByteArray::number(round);
        const QByteArray data = FaultyRing::content(300'000, path);
        QCOMPARE(m_ring->upload(path, data).status, 200);
        QVERIFY(m_ring->differenceAfter(5'000).isEmpty());
        for (int index = 0; index < FaultyRing::Servers; ++index) {
            m_ring->at(index).kill9();
            CRING_OK(m_ring->at(index).start());
        }
        const HttpResponse overwritten = m_ring->upload(path, data + "more");
        QVERIFY2(overwritten.status == 200, overwritten.text().constData());
        QCOMPARE(m_ring->get(path).body, data + "more");
        // Every server has it, at once.
        const QByteArray difference = m_ring->differenceAfter(1'000);
        QVERIFY2(difference.isEmpty(), difference.constData());
    }
}

void TestUploads::earlyRefusalByAllIsPassedOn_data()
{
    QTest::addColumn<int>("status");
    for (const int status : {401, 403, 413, 500})
        QTest::addRow("%d", status) << status;
}

/// Before the body has been sent: the request's own fault, in the servers' words. From one alone it is that
/// server's trouble.
void TestUploads::earlyRefusalByAllIsPassedOn()
{
    QFETCH(int, status);
    CRING_OK(m_ring->startRing({0, 1, 2}));
    const QByteArray data = FaultyRing::content(1'000'000, "early");
    const QByteArray path = "early" + QByteArray::number(status);
    const Fault fault = Fault::early(status, R"({"message":"as the server says"})");
    m_ring->front(1).on("POST", "/v1/fs/early", fault, 1);
    const HttpResponse stored = m_ring->upload(path, data);
    QVERIFY2(stored.status == 200, stored.text().constData());
    QCOMPARE(m_ring->get(path).body, data);
    const QByteArray difference = m_ring->differenceAfter(MendLimit);
    QVERIFY2(difference.isEmpty(), difference.constData());

    for (int index = 0; index < FaultyRing::Servers; ++index)
        m_ring->front(index).on("POST", "/v1/fs/early", fault);
    const HttpResponse refused = m_ring->upload(path, data + "refused");
    QCOMPARE(refused.status, status);
    QCOMPARE(refused.message(), QStringLiteral("as the server says"));
    QCOMPARE(m_ring->get(path).body, data);
    for (int index = 0; index < FaultyRing::Servers; ++index)
        m_ring->front(index).clearRules();
    QCOMPARE(m_ring->upload(path, data + "again").status, 200);
    QVERIFY2(m_ring->differenceAfter(MendLimit).isEmpty(), m_ring->difference().constData());
}

void TestUploads::answerBeforeTheBodyIsNoReceipt()
{
    CRING_OK(m_ring->startRing({0, 1, 2}));
    const QByteArray data = FaultyRing::content(1'000'000, "receipt");
    for (const int liar : {0, 1})
        m_ring->front(liar).on("POST", "/v1/fs/receipt", Fault::early(200));
    const HttpResponse refused = m_ring->upload("receipt", data);
    QVERIFY2(refused.status == 503 && refused.message().count(QStringLiteral("before the body")) == 2,
             refused.text().constData());
    QVERIFY(m_ring->get("receipt").status != 200);
    for (int index = 0; index < FaultyRing::Servers; ++index)
        QVERIFY(!m_ring->holds(index, QStringLiteral("receipt")));
}

QTEST_GUILESS_MAIN(TestUploads)
#include "tst_uploads.moc"
