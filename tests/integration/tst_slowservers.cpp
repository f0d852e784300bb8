// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/environment.h"
#include "tests/integration/faultyring.h"
#include "tests/support/spin.h"

#include <QFileInfo>
#include <QTest>
#include <QTimer>

using namespace cring;
using namespace cring::test;

/// Uploads while servers take them slowly, or stop to: nobody waits for those who can be done without, and
/// what is refused is refused for what really was the matter.
class TestSlowServers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aSlowQuorumSetsThePace();
    void theLocalCopyStandsInForTwoThatStop();
    void theLocalCopyStandsInForOneThatStopsNearTheEnd();
    void overwriteBehindAnotherThatDoesNotEnd();
    void aSilentServerHoldsAnAbsenceUpForAMoment();

private:
    static bool takeDown(FaultyRing &ring, int server);
};

namespace {

constexpr int Limit = 30'000;
/// With it, a client waits for a silent server at its longest.
constexpr std::chrono::milliseconds kMoment{5'000};
const QByteArray Path = "file";
const QString LocalCopy = QStringLiteral("local_copy = true\n");
constexpr qint64 KiB = 1024;

/// Bytes for that port that have left the program that sent them, and have not reached the one that is to
/// read them.
qint64 inKernel(quint16 port)
{
    QFile table(QStringLiteral("/proc/net/tcp"));
    if (!table.open(QIODevice::ReadOnly))
        return 0;
    qint64 bytes = 0;
    const QByteArray wanted = ':' + QByteArray::number(port, 16).toUpper().rightJustified(4, '0');
    const QByteArrayList lines = table.readAll().split('\n');
    for (const QByteArray &line : lines) {
        const QByteArrayList fields = line.simplified().split(' ');
        if (fields.size() < 5)
            continue;
        const QByteArrayList queues = fields[4].split(':');
        if (fields[2].endsWith(wanted))
            bytes += queues.first().toLongLong(nullptr, 16);
        else if (fields[1].endsWith(wanted))
            bytes += queues.last().toLongLong(nullptr, 16);
    }
    return bytes;
}

/// Nothing more goes out, and nothing is taken.
bool comesToRest(quint16 port)
{
    qint64 last = 0;
    QElapsedTimer since;
    since.start();
    return spinUntil(
        [&] {
            const qint64 now = inKernel(port);
            if (std::exchange(last, now) != now)
                since.start();
            return now > 0 && since.elapsed() > 500;
        },
        Limit);
}

/// An upload in chunks, whose end the test chooses.
class OpenUpload
{
public:
    explicit OpenUpload(FaultyRing &ring)
        : m_client(ring.client())
        , m_envelope(HttpClient::multipart("|"))
    {
        m_client.send("POST " + FaultyRing::target(Path) +
                      "?mode=420 HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer " + ring.token() +
                      "\r\nContent-Type: multipart/form-data; boundary=test-boundary\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n");
        sendChunk(m_envelope.left(m_envelope.lastIndexOf('|')));
    }

    void send(const QByteArray &data)
    {
        m_data += data;
        sendChunk(data);
    }
    HttpResponse end(int limit)
    {
        sendChunk(m_envelope.mid(m_envelope.lastIndexOf('|') + 1));
        m_client.send("0\r\n\r\n");
        return m_client.read(limit);
    }
    const QByteArray &data() const { return m_data; }
    /// Of the body, framing included.
    qint64 sent() const { return m_sent; }

private:
    void sendChunk(const QByteArray &data)
    {
        const QByteArray chunk = QByteArray::number(data.size(), 16) + "\r\n" + data + "\r\n";
        m_sent += chunk.size();
        m_client.send(chunk);
    }

    HttpClient m_client;
    QByteArray m_envelope;
    QByteArray m_data;
    qint64 m_sent = 0;
};

} // namespace

bool TestSlowServers::takeDown(FaultyRing &ring, int server)
{
    ring.at(server).kill9();
    return spinUntil([&] { return !ring.isUp(server); }, Limit);
}

/// Two servers take a little again and again: the client waits for them, for longer in all than it would for
/// servers that take nothing.
void TestSlowServers::aSlowQuorumSetsThePace()
{
    constexpr int slowMs = 13'000;
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    QElapsedTimer since;
    QTimer timer;
    bool stopped = false;
    connect(&timer, &QTimer::timeout, this, [&] {
        stopped = !stopped && since.elapsed() < slowMs;
        for (const int server : {1, 2})
            stopped ? ring.at(server).pause() : ring.at(server).resume();
        timer.start(stopped ? 900 : 40);
    });
    timer.start(100);
    since.start();
    const LargeFile file(400'000'000, "large");
    HttpClient client = ring.client();
    const HttpResponse stored = file.uploadTo(client, FaultyRing::target(Path), ring.token());
    timer.stop();
    for (const int server : {1, 2})
        ring.at(server).resume();
    QVERIFY2(stored.status == 200, stored.text().constData());
    QVERIFY(since.elapsed() > slowMs);
    int copies = 0;
    for (int server = 0; server < FaultyRing::Servers; ++server)
        copies += QFileInfo(ring.diskPath(server, Path)).size() == file.size() ? 1 : 0;
    QVERIFY2(copies >= 2, QByteArray::number(copies).constData());
}

/// One server and the disk go on: the others have the budget that they have while a quorum does.
void TestSlowServers::theLocalCopyStandsInForTwoThatStop()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({1, 2}, LocalCopy));
    for (const int server : {1, 2})
        ring.front(server).on("POST", FaultyRing::target(Path), Fault::stallRequest(100'000));
    const QByteArray data = FaultyRing::content(24'000'000, "large");
    const HttpResponse stored = ring.upload(Path, data);
    QVERIFY2(stored.status == 200, stored.text().constData());
    QVERIFY2(stored.tookMs < 8'000, stored.text().constData());
    QCOMPARE(ring.onDisk(0, Path), data);
    QCOMPARE(ring.get(Path).body, data);
}

/// The last that it has not taken fits into the ring's window: nobody has to pause for it.
void TestSlowServers::theLocalCopyStandsInForOneThatStopsNearTheEnd()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({2}, LocalCopy));
    QVERIFY(takeDown(ring, 1));
    FaultyServer &front = ring.front(2);
    front.on("POST", FaultyRing::target(Path), Fault::stallRequest(100'000));
    OpenUpload upload(ring);
    upload.send(FaultyRing::content(1024 * KiB, "begin"));
    QVERIFY(comesToRest(front.port()));
    const qint64 taken = upload.sent() - inKernel(front.port());
    const auto unsent = [&] {
        return upload.sent() - taken - inKernel(front.port());
    };
    // The kernel makes room once more, now and then.
    do {
        upload.send(FaultyRing::content(64 * KiB, "piece"));
        QVERIFY(upload.sent() < 60'000 * KiB);
    } while (spinUntil([&] { return unsent() < 16 * KiB; }, 400) ||
             spinUntil([&] { return unsent() < 100 * KiB; }, 1'500));
    QVERIFY2(unsent() < 240 * KiB, QByteArray::number(unsent()).constData());
    const HttpResponse stored = upload.end(Limit);
    QVERIFY2(stored.status == 200, stored.text().constData());
    QVERIFY2(stored.tookMs < 16'000, stored.text().constData());
    QCOMPARE(ring.onDisk(0, Path), upload.data());
    QCOMPARE(ring.get(Path).body, upload.data());
}

/// All servers are ready for the second one: neither they nor the disk are to blame.
void TestSlowServers::overwriteBehindAnotherThatDoesNotEnd()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({0, 1}, LocalCopy + QStringLiteral("[timing]\nanswer_timeout = \"15s\"\n"),
                            FaultyRing::Pace::Default));
    for (const int server : {0, 1})
        ring.front(server).on("POST", FaultyRing::target(Path), Fault::holdResponse(), 1);
    UnderWay first = UnderWay::upload(ring, Path, FaultyRing::content(3'000, "first"));
    QVERIFY(spinUntil([&] { return ring.onDisk(2, Path).size() == 3'000; }, Limit));
    const HttpResponse second = ring.upload(Path, FaultyRing::content(3'000, "second"));
    QVERIFY2(second.status == 503, second.text().constData());
    QCOMPARE(second.message(), QStringLiteral("an earlier change of the path has not ended"));
    QVERIFY2(second.tookMs < 16'000, second.text().constData());
    // The first one is as it was.
    QCOMPARE(first.within(2 * Limit).status, 200);
}

/// Of an account that has not been gone through, the third may have what two have not. It is given a moment
/// for that, and no more.
void TestSlowServers::aSilentServerHoldsAnAbsenceUpForAMoment()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    for (const int server : {0, 1})
        QCOMPARE(
            HttpClient(ring.at(server).url()).upload(FaultyRing::target("old"), "x", ring.token()).status,
            200);
    CRING_OK(ring.startRing({2}));
    ring.front(2).on("GET", FaultyRing::target(""), Fault::silent());
    QElapsedTimer timer;
    const auto isWithin = [&](const char *what) {
        const std::chrono::milliseconds took(timer.elapsed());
        qInfo("%s after %lld ms", what, static_cast<long long>(took.count()));
        // A timer of a second may be 5 % early.
        return took >= replica::Environment::kAbsenceGrace * 9 / 10 && took < kMoment;
    };
    timer.start();
    QCOMPARE(ring.names(""), QStringList{QStringLiteral("old")});
    QVERIFY(isWithin("a listing"));
    timer.restart();
    QCOMPARE(ring.get("nothing").status, 404);
    QVERIFY(isWithin("a file that is nowhere"));
}

QTEST_GUILESS_MAIN(TestSlowServers)
#include "tst_slowservers.moc"
