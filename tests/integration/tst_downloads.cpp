// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/support/spin.h"

#include <QCryptographicHash>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// A download ends whole, or as an error that the client sees: whatever becomes of the server that it comes
/// from, and of the file.
class TestDownloads : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void serverKilledInMidDownload_data();
    void serverKilledInMidDownload();
    void overwrittenWhileItIsRead();
    void overwrittenBeforeAnythingCame_data();
    void overwrittenBeforeAnythingCame();
    void cutAtAnyByteIsNoticed_data();
    void cutAtAnyByteIsNoticed();
    void wrongAnswersAreNoticed_data();
    void wrongAnswersAreNoticed();
    void cleanupTestCase() { m_ring.reset(); }

private:
    std::unique_ptr<FaultyRing> m_ring;
};

namespace {

constexpr qint64 MiB = 1024 * 1024;
const QByteArray Path = "file";

/// Hashes a body instead of keeping it.
struct Hashed
{
    QCryptographicHash hash{QCryptographicHash::Sha256};
    qint64 size = 0;

    explicit Hashed(HttpClient &client)
    {
        client.setBodySink([this](const QByteArray &data) {
            hash.addData(data);
            size += data.size();
        });
    }
};

QByteArray getRequest(const QByteArray &path, const QByteArray &token)
{
    return "GET " + FaultyRing::target(path) + " HTTP/1.1\r\nHost: x\r\nAuthorization: bearer " + token +
           "\r\n\r\n";
}

} // namespace

void TestDownloads::initTestCase()
{
    m_ring = std::make_unique<FaultyRing>();
    CRING_OK(m_ring->startServers());
}

void TestDownloads::init()
{
    CRING_OK(m_ring->startRing({0, 1, 2}));
}

/// Large files do not stay: every comparison of the servers' trees would read them anew.
void TestDownloads::cleanup()
{
    for (const char *name : {"large", "shared"})
        QVERIFY(spinUntil([&] { return m_ring->remove(name).status == 200; }, 20'000));
}

void TestDownloads::serverKilledInMidDownload_data()
{
    QTest::addColumn<bool>("known");
    QTest::addColumn<bool>("all");
    QTest::newRow("a file that the ring knows") << true << false;
    QTest::newRow("a file that the ring has not seen") << false << false;
    QTest::newRow("all servers, one after the other") << true << true;
}

void TestDownloads::serverKilledInMidDownload()
{
    QFETCH(bool, known);
    QFETCH(bool, all);
    const LargeFile file(300 * MiB, "large");
    {
        HttpClient http = m_ring->client();
        const HttpResponse stored = file.uploadTo(http, FaultyRing::target("large"), m_ring->token());
        QVERIFY2(stored.status == 200, stored.text().constData());
    }
    QVERIFY(m_ring->differenceAfter(20'000).isEmpty());
    if (!known)
        CRING_OK(m_ring->startRing({0, 1, 2}));

    HttpClient http = m_ring->client();
    QSet<int> killed;
    const auto killTheOneThatIsRead = [&] {
        for (int index = 0; index < FaultyRing::Servers; ++index) {
            if (killed.contains(index) || m_ring->front(index).requests("GET", "/v1/fs/large").isEmpty())
                continue;
            m_ring->at(index).kill9();
            killed.insert(index);
            return;
        }
    };
    QCryptographicHash hash(QCryptographicHash::Sha256);
    qint64 size = 0;
    const int deaths = all ? FaultyRing::Servers : 1;
    http.setBodySink([&](const QByteArray &data) {
        hash.addData(data);
        size += data.size();
        // In the middle: the rest is still at the server, for the sockets in between hold a few MiB.
        if (killed.size() < deaths && size >= (killed.size() + 1) * 40 * MiB)
            killTheOneThatIsRead();
    });
    http.socket().setReadBufferSize(256 * 1024);
    http.send(getRequest("large", m_ring->token()));
    const HttpResponse response = http.read(60'000);
    for (const int server : std::as_const(killed))
        CRING_OK(m_ring->at(server).start());
    QCOMPARE(killed.size(), deaths);
    if (all) {
        QVERIFY2(response.cut && !response.complete, response.text().constData());
        return;
    }
    QVERIFY2(response.complete, response.text().constData());
    QCOMPARE(size, file.size());
    QCOMPARE(hash.result().toHex(), file.sha256());
}

void TestDownloads::overwrittenWhileItIsRead()
{
    const LargeFile old(200 * MiB, "old");
    const LargeFile fresh(200 * MiB, "new");
    HttpClient writer = m_ring->client();
    QCOMPARE(old.uploadTo(writer, FaultyRing::target("shared"), m_ring->token()).status, 200);
    HttpClient reader = m_ring->client();
    reader.socket().setReadBufferSize(64 * 1024);
    Hashed got(reader);
    reader.send(getRequest("shared", m_ring->token()));
    // It has begun, and stands still while nobody takes what has come.
    QVERIFY(spinUntil([&] { return reader.socket().bytesAvailable() >= 64 * 1024; }, 5'000));
    const HttpResponse stored = fresh.uploadTo(writer, FaultyRing::target("shared"), m_ring->token());
    QVERIFY2(stored.status == 200, stored.text().constData());

    const HttpResponse response = reader.read(60'000);
    const QByteArray sha256 = got.hash.result().toHex();
    QVERIFY2(response.cut || (response.complete && (sha256 == old.sha256() || sha256 == fresh.sha256())),
             response.text().constData());
    qInfo("%s after %lld bytes", response.cut ? "cut" : "whole", static_cast<long long>(got.size));
    HttpClient again = m_ring->client();
    again.socket().setReadBufferSize(256 * 1024);
    Hashed now(again);
    QVERIFY(again.get(FaultyRing::target("shared"), m_ring->token(), 60'000).complete);
    QCOMPARE(now.hash.result().toHex(), fresh.sha256());
}

void TestDownloads::overwrittenBeforeAnythingCame_data()
{
    QTest::addColumn<bool>("head");
    QTest::newRow("a server that is stopped") << false;
    QTest::newRow("a server that falls silent after its head") << true;
}

/// Nothing has gone to the reader yet: it gets the new version from those that have it.
void TestDownloads::overwrittenBeforeAnythingCame()
{
    QFETCH(bool, head);
    const QByteArray old = FaultyRing::content(5'000, "old");
    const QByteArray fresh = FaultyRing::content(6'000, "new");
    QCOMPARE(m_ring->upload(Path, old).status, 200);
    QVERIFY(m_ring->differenceAfter(5'000).isEmpty());
    const QByteArray onlyHead = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nX-File-Mode: "
                                "420\r\nContent-Length: 5000\r\n\r\n";
    FaultyServer &front = m_ring->front(2);
    if (head)
        front.on("GET", FaultyRing::target(Path), Fault::trickle(onlyHead, onlyHead.size(), 1));
    else
        m_ring->at(2).pause();
    const auto resume = qScopeGuard([this] { m_ring->at(2).resume(); });
    std::vector<std::unique_ptr<UnderWay>> reads;
    QVERIFY(spinUntil(
        [&] {
            reads.emplace_back(new UnderWay(UnderWay::get(*m_ring, Path)));
            return !front.requests("GET", FaultyRing::target(Path)).isEmpty();
        },
        5'000));
    const HttpResponse stored = m_ring->upload(Path, fresh);
    QVERIFY2(stored.status == 200, stored.text().constData());
    for (const auto &read : reads) {
        const HttpResponse response = read->within(15'000);
        QVERIFY2(response.status == 200 && response.complete &&
                     (response.body == old || response.body == fresh),
                 response.text().constData());
    }
}

void TestDownloads::cutAtAnyByteIsNoticed_data()
{
    QTest::addColumn<bool>("known");
    QTest::newRow("a file that the ring knows") << true;
    QTest::newRow("a file that the ring has not seen") << false;
}

void TestDownloads::cutAtAnyByteIsNoticed()
{
    QFETCH(bool, known);
    // Longer than 2 KiB: Charm sends it in chunks, without a length.
    const QByteArray data = FaultyRing::content(5'000, "cut");
    QCOMPARE(m_ring->upload(Path, data).status, 200);
    QVERIFY(m_ring->differenceAfter(5'000).isEmpty());
    if (!known)
        CRING_OK(m_ring->startRing({0, 1, 2}));
    for (int at = 0; at < data.size() + 20; at += 83) {
        for (int index = 0; index < FaultyRing::Servers; ++index)
            m_ring->front(index).clearRules();
        m_ring->front(at % 3).on("GET", "/v1/fs/", Fault::cutResponse(at));
        m_ring->front((at + 1) % 3).on("GET", "/v1/fs/", Fault::cutResponse(at / 2));
        const HttpResponse rescued = m_ring->get(Path);
        QVERIFY2(rescued.status == 200 && rescued.complete && rescued.body == data,
                 (QByteArray::number(at) + ": " + rescued.text()).constData());
        m_ring->front((at + 2) % 3).on("GET", "/v1/fs/", Fault::cutResponse(at / 3));
        const HttpResponse lost = m_ring->get(Path);
        QVERIFY2(!(lost.status == 200 && lost.complete),
                 (QByteArray::number(at) + ": " + lost.text()).constData());
    }
}

void TestDownloads::wrongAnswersAreNoticed_data()
{
    QTest::addColumn<QByteArray>("answer");
    const QByteArray head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nX-File-Mode: 420\r\n";
    QTest::newRow("garbage") << QByteArray("no HTTP at all\r\n\r\n");
    QTest::newRow("nothing but line ends") << QByteArray("\r\n\r\n\r\n\r\n");
    QTest::newRow("shorter than the file") << head + "Content-Length: 5\r\n\r\nwrong";
    QTest::newRow("other bytes") << head + "Content-Length: 5000\r\n\r\n" +
                                        FaultyRing::content(5'000, "oops");
    QTest::newRow("negative length") << head + "Content-Length: -1\r\n\r\n";
    QTest::newRow("two lengths") << head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nwrong";
    QTest::newRow("bad chunk") << head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nwrong\r\n0\r\n\r\n";
    QTest::newRow("error in the middle, under a clean 200") << head + "Content-Length: 1028\r\n\r\n" +
                                                                   FaultyRing::content(1'000, "data") +
                                                                   R"({"message":"internal oops!"})";
    QTest::newRow("500") << Fault::answerBytes(500, R"({"message":"internal error"})", "application/json");
    QTest::newRow("404") << Fault::answerBytes(404, R"({"message":"file not found"})", "application/json");
}

/// The ring knows the file, and one good server is left.
void TestDownloads::wrongAnswersAreNoticed()
{
    QFETCH(QByteArray, answer);
    const QByteArray data = FaultyRing::content(5'000, "data");
    QCOMPARE(m_ring->upload(Path, data).status, 200);
    QVERIFY(m_ring->differenceAfter(5'000).isEmpty());
    for (int index = 0; index < FaultyRing::Servers; ++index) {
        for (int other = 0; other < FaultyRing::Servers; ++other) {
            m_ring->front(other).clearRules();
            // Two that said the same would be a quorum that somebody else has written to.
            const QByteArray digit = QByteArray::number(other);
            if (other != index) {
                m_ring->front(other).on(
                    "GET", "/v1/fs/",
                    Fault::raw(
                        QByteArray(answer).replace("oops", "oop" + digit).replace("wrong", "wron" + digit)));
            }
        }
        for (int round = 0; round < 4; ++round) {
            const HttpResponse response = m_ring->get(Path);
            QVERIFY2(!response.complete || response.status == 503 || response.body == data,
                     response.text().constData());
        }
        QVERIFY(spinUntil([&] { return m_ring->get(Path).body == data; }, 10'000));
    }
    for (int index = 0; index < FaultyRing::Servers; ++index)
        m_ring->front(index).clearRules();
    const QByteArray difference = m_ring->differenceAfter(20'000);
    QVERIFY2(difference.isEmpty(), difference.constData());
}

QTEST_GUILESS_MAIN(TestDownloads)
#include "tst_downloads.moc"
