// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/support/spin.h"

#include <QTest>

#include <vector>

using namespace cring;
using namespace cring::test;

/// Memory does not grow with the size of files or the number of slow clients; a ring that has nothing to do
/// does nothing; it answers at once after its start.
class TestResources : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void startsAtOnce();
    void restsWhenIdle();
    void takesManyLargeUploadsInLittleMemory_data();
    void takesManyLargeUploadsInLittleMemory();
    void holdsLittleForSlowReaders();
    void cleanupTestCase() { m_ring.reset(); }

private:
    static constexpr int Clients = 16;
    static constexpr qint64 PeakKiB = 48 * 1024;

    std::unique_ptr<FaultyRing> m_ring;
};

namespace {

constexpr qint64 MiB = 1024 * 1024;

/// Sixteen of these at once: it sends as the ring takes, and holds no more than a few pieces itself.
class Uploader
{
public:
    Uploader(HttpClient client, const QByteArray &target, const QByteArray &token, qint64 size)
        : m_client(std::move(client))
        , m_left(size)
    {
        const QByteArray empty = HttpClient::multipart({});
        const qsizetype split = empty.lastIndexOf("\r\n--");
        m_tail = empty.sliced(split);
        m_client.send(m_client.uploadHead(target, size + empty.size(), token));
        m_client.send(empty.first(split));
    }

    /// False when all of it has been sent.
    bool pump(const QByteArray &piece)
    {
        while (m_left > 0 && m_client.socket().bytesToWrite() < 2 * piece.size()) {
            m_client.send(piece);
            m_left -= piece.size();
            if (m_left == 0)
                m_client.send(m_tail);
        }
        return m_left > 0;
    }

    HttpResponse finish() { return m_client.read(120'000); }

private:
    HttpClient m_client;
    qint64 m_left;
    QByteArray m_tail;
};

} // namespace

void TestResources::initTestCase()
{
    m_ring = std::make_unique<FaultyRing>();
    CRING_OK(m_ring->startServers());
}

void TestResources::init()
{
    CRING_OK(m_ring->startRing({}, {}, FaultyRing::Pace::Default));
}

void TestResources::startsAtOnce()
{
    const qint64 took = m_ring->ring().startTook().count();
    qInfo("from start to the first answer: %lld ms", took);
    QVERIFY2(took < 150, qPrintable(QString::number(took)));
}

void TestResources::restsWhenIdle()
{
    QCOMPARE(m_ring->upload("idle", "x").status, 200);
    const auto before = m_ring->ring().cpuTime();
    constexpr int seconds = 30;
    QTest::qWait(seconds * 1000); // only time can tell what it does with time
    const auto used = (m_ring->ring().cpuTime() - before).count();
    const qint64 resident = m_ring->ring().residentKiB();
    qInfo("idle: %lld KiB resident, %lld ms of CPU in %d s", resident, static_cast<long long>(used), seconds);
    QVERIFY2(resident <= 34 * 1024, qPrintable(QString::number(resident)));
    // 0.1 % of it, and two ticks: /proc counts in ticks of 10 ms, at either end of the time.
    constexpr int tick = 10;
    QVERIFY2(used <= seconds + 2 * tick, qPrintable(QString::number(used)));
}

void TestResources::takesManyLargeUploadsInLittleMemory_data()
{
    QTest::addColumn<qint64>("size");
    QTest::newRow("16 MiB each") << 16 * MiB;
    QTest::newRow("64 MiB each") << 64 * MiB;
}

void TestResources::takesManyLargeUploadsInLittleMemory()
{
    QFETCH(qint64, size);
    const QByteArray piece = FaultyRing::content(256 * 1024, "piece");
    std::vector<std::unique_ptr<Uploader>> uploads;
    for (int i = 0; i < Clients; ++i)
        uploads.push_back(std::make_unique<Uploader>(m_ring->client(), "/v1/fs/large" + QByteArray::number(i),
                                                     m_ring->token(), size));
    QVERIFY(spinUntil(
        [&] {
            bool more = false;
            for (const auto &upload : uploads)
                more = upload->pump(piece) || more;
            return !more;
        },
        120'000));
    for (const auto &upload : uploads) {
        const HttpResponse response = upload->finish();
        QVERIFY2(response.status == 200, response.text().constData());
    }
    const qint64 peak = m_ring->ring().peakKiB();
    qInfo("%d uploads of %lld MiB at once: peak %lld KiB", Clients, size / MiB, peak);
    QVERIFY2(peak <= PeakKiB, qPrintable(QString::number(peak)));
}

void TestResources::holdsLittleForSlowReaders()
{
    const LargeFile file(64 * MiB, "slowly read");
    HttpClient uploader = m_ring->client();
    QCOMPARE(file.uploadTo(uploader, "/v1/fs/slow", m_ring->token()).status, 200);
    std::vector<std::unique_ptr<HttpClient>> readers;
    for (int i = 0; i < Clients; ++i) {
        readers.push_back(std::make_unique<HttpClient>(m_ring->client()));
        QVERIFY(readers.back()->connectNow());
        readers.back()->socket().setReadBufferSize(4096);
        readers.back()->send("GET /v1/fs/slow HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer " +
                             m_ring->token() + "\r\n\r\n");
    }
    // Everybody has got a first piece, and reads no more.
    QVERIFY(spinUntil(
        [&] {
            return std::all_of(readers.begin(), readers.end(),
                               [](const auto &reader) { return reader->socket().bytesAvailable() >= 4096; });
        },
        20'000));
    QTest::qWait(1'000); // only time can tell that nothing more is taken in
    const qint64 peak = m_ring->ring().peakKiB();
    qInfo("%d readers that stopped in a file of 64 MiB: peak %lld KiB", Clients, peak);
    QVERIFY2(peak <= PeakKiB, qPrintable(QString::number(peak)));
}

QTEST_GUILESS_MAIN(TestResources)
#include "tst_resources.moc"
