// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/objectdownload.h"
#include "tests/backup/await.h"
#include "tests/support/faultyserver.h"

#include <QTest>

using namespace cring;
using namespace cring::backup;
using namespace cring::test;
using namespace std::chrono_literals;

/// How fast bodies go when there is a limit.
class TestS3Rates : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void uploadsShareTheirLimit();
    void aLimitBelowTheServersPatienceIsNoFault();
    void downloadsKeepTheirLimit();
    void theLimitCanChange();
};

namespace {

constexpr qint64 MB = 1'000'000;

const QByteArray kGood = "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 0\r\n\r\n";

struct Setup
{
    explicit Setup(S3Limits limits = S3Rig::quick())
        : rig(server.url(), QStringLiteral("backup-bucket"), QStringLiteral("us-east-1"), Addressing::Path,
              limits)
    {
        rig.setKeys("AKIATEST", "secret");
        server.on("PUT", "", Fault::raw(kGood));
    }

    /// Sends such bodies all at once; how long that takes, or 0 when one fails.
    std::chrono::milliseconds put(int count, qint64 size)
    {
        const SystemClock clock;
        const auto start = clock.steady();
        int stored = 0;
        int failed = 0;
        for (int i = 0; i < count; ++i)
            rig.client.put(
                {"k" + QByteArray::number(i), std::make_shared<BytesSource>(QByteArray(size, 'x'))},
                &rig.context, [&](const S3Result<Stored> &result) { ++(result ? stored : failed); });
        const bool all = spinUntil([&] { return stored + failed == count; }, 20'000) && failed == 0;
        return all ? clock.steady() - start : 0ms;
    }

    FaultyServer server;
    S3Rig rig;
};

} // namespace

void TestS3Rates::uploadsShareTheirLimit()
{
    Setup setup;
    setup.rig.client.session().setRates(4 * MB, 0);
    const auto took = setup.put(4, MB); // 4 MB, less a tenth of a second's worth.
    QVERIFY2(took >= 850ms && took < 3'000ms, QByteArray::number(qint64(took.count())).constData());
}

void TestS3Rates::aLimitBelowTheServersPatienceIsNoFault()
{
    S3Limits limits = S3Rig::quick();
    limits.idle = 200ms;
    Setup setup(limits);
    setup.rig.client.session().setRates(40'000, 0);
    const auto took = setup.put(8, 8'000); // Each waits longer for its turn than a server may be silent.
    QVERIFY2(took >= 1'000ms, QByteArray::number(qint64(took.count())).constData());
    QCOMPARE(setup.server.requests("PUT").size(), 8);
}

void TestS3Rates::downloadsKeepTheirLimit()
{
    Setup setup;
    setup.rig.client.session().setRates(0, 2 * MB);
    const QByteArray body(2 * MB, 'd');
    setup.server.on("GET", "",
                    Fault::raw("HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(body.size()) +
                               "\r\n\r\n" + body));
    const SystemClock clock;
    const auto start = clock.steady();
    ObjectDownload download(setup.rig.client, {"a/b"});
    bool finished = false;
    qint64 received = 0;
    connect(&download, &ObjectDownload::finished, &download, [&] { finished = true; });
    connect(&download, &ObjectDownload::bodyReceived, &download,
            [&](const QByteArray &data) { received += data.size(); });
    QVERIFY(spinUntil([&] { return finished; }, 20'000));
    QCOMPARE(received, body.size());
    QVERIFY(clock.steady() - start >= 700ms);
}

void TestS3Rates::theLimitCanChange()
{
    Setup setup;
    setup.rig.client.session().setRates(1'000, 0); // Would take a quarter of an hour.
    QMetaObject::invokeMethod(
        &setup.rig.context, [&] { setup.rig.client.session().setRates(0, 0); }, Qt::QueuedConnection);
    QVERIFY(setup.put(1, MB) > 0ms);
}

QTEST_GUILESS_MAIN(TestS3Rates)
#include "tst_s3rates.moc"
