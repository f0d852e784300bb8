// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace cring::test;

/// A server that is away, or asleep, while files change: what it has is not read until it is what it should
/// be, and what was deleted stays deleted.
class TestLateServers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void comesBack_data();
    void comesBack();
    void lateWriteIsFoundByTheSecondLook();
};

namespace {

constexpr int MendLimit = 30'000;
constexpr int Files = 6;

/// What a client was told last: the bytes of a path, or that it is gone.
using Truth = QMap<QByteArray, std::optional<QByteArray>>;

} // namespace

void TestLateServers::comesBack_data()
{
    QTest::addColumn<int>("server");
    QTest::addColumn<bool>("asleep");
    for (const int server : {0, 2}) {
        QTest::addRow("server %d was killed", server + 1) << server << false;
        QTest::addRow("server %d was stopped", server + 1) << server << true;
    }
}

void TestLateServers::comesBack()
{
    QFETCH(int, server);
    QFETCH(bool, asleep);
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    Truth truth;
    const auto bytes = [](const QByteArray &path, int version) {
        return FaultyRing::content(20'000 + 1'000 * version, path.right(4) + QByteArray::number(version));
    };
    QByteArrayList paths;
    for (int i = 0; i < Files; ++i)
        paths << "d/over" + QByteArray::number(i) << "d/gone" + QByteArray::number(i)
              << "folder/in" + QByteArray::number(i) << "twice/f" + QByteArray::number(i);
    for (const QByteArray &path : paths)
        QCOMPARE(ring.upload(path, bytes(path, 0)).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());

    const auto agrees = [&] {
        for (auto it = truth.cbegin(); it != truth.cend(); ++it) {
            const HttpResponse response = ring.get(it.key());
            const bool good = *it ? response.status == 200 && response.complete && response.body == **it
                                  : response.status == 404;
            QVERIFY2(good, (it.key() + ": " + response.text()).constData());
        }
        const QStringList names = ring.names("d");
        for (const QString &name : names)
            QVERIFY2(!name.startsWith(QLatin1String("gone")), qPrintable(name));
    };

    asleep ? ring.at(server).pause() : ring.at(server).kill9();
    // At once, so that the ring does not know yet: some of it is in the sleeping server's hands.
    std::vector<std::unique_ptr<HttpClient>> clients;
    const auto client = [&]() -> HttpClient & {
        clients.push_back(std::make_unique<HttpClient>(ring.ring().url()));
        return *clients.back();
    };
    for (int i = 0; i < Files; ++i) {
        const QByteArray number = QByteArray::number(i);
        for (const QByteArray &path : {"d/over" + number, "d/new" + number}) {
            const QByteArray body = HttpClient::multipart(bytes(path, 1));
            HttpClient &http = client();
            http.send(http.uploadHead(FaultyRing::target(path), body.size(), ring.token()) + body);
            truth[path] = bytes(path, 1);
        }
        HttpClient &http = client();
        http.send("DELETE " + FaultyRing::target("d/gone" + number) +
                  " HTTP/1.1\r\nHost: x\r\nAuthorization: bearer " + ring.token() + "\r\n\r\n");
        truth["d/gone" + number] = std::nullopt;
    }
    qint64 worst = 0;
    for (const auto &http : clients) {
        const HttpResponse response = http->read();
        QVERIFY2(response.status == 200, response.text().constData());
        worst = std::max(worst, response.tookMs);
    }
    QCOMPARE(ring.remove("folder").status, 200);
    QCOMPARE(ring.remove("twice").status, 200);
    for (int i = 0; i < Files; ++i) {
        truth["folder/in" + QByteArray::number(i)] = std::nullopt;
        // Deleted, and made anew.
        const QByteArray path = "twice/f" + QByteArray::number(i);
        truth[path] = i % 2 ? std::optional(bytes(path, 2)) : std::nullopt;
        if (i % 2)
            QCOMPARE(ring.upload(path, *truth[path]).status, 200);
        QCOMPARE(ring.upload("d/over" + QByteArray::number(i), bytes("over", 3)).status, 200);
        truth["d/over" + QByteArray::number(i)] = bytes("over", 3);
    }
    agrees();

    if (asleep)
        ring.at(server).resume();
    else
        CRING_OK(ring.at(server).start());
    QElapsedTimer back;
    back.start();
    (void)spinUntil(
        [&] {
            agrees();
            return QTest::currentTestFailed() || ring.difference().isEmpty();
        },
        MendLimit);
    QVERIFY2(ring.difference().isEmpty(), ring.difference().constData());
    qInfo("answers within %lld ms; equal %lld ms after it was back", static_cast<long long>(worst),
          static_cast<long long>(back.elapsed()));
    agrees();
    // Through the second look at what was in doubt, and beyond.
    QTest::qWait(4'000); // That nothing comes back, only time can tell.
    agrees();
    QVERIFY2(ring.difference().isEmpty(), ring.difference().constData());
}

/// The answer to an overwrite is lost, the copy is mended, and only then the server gets round to what it had
/// in hand: here the test writes old bytes into it, behind the ring's back.
void TestLateServers::lateWriteIsFoundByTheSecondLook()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({0}));
    const QByteArray old = FaultyRing::content(20'000, "old");
    const QByteArray fresh = FaultyRing::content(20'000, "new");
    QCOMPARE(ring.upload("file", old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    ring.front(0).on("POST", "/v1/fs/file", Fault::loseResponse(), 1);
    QCOMPARE(ring.upload("file", fresh).status, 200);
    // The mending finds that the copy is what it should be; the second look is 3 s after it.
    QVERIFY(spinUntil([&] { return !ring.front(0).requests("GET", "/v1/fs/file").isEmpty(); }, 10'000));
    const auto reads = ring.front(0).requests("GET", "/v1/fs/file").size();
    QVERIFY(ring.differenceAfter(1'000).isEmpty());
    QCOMPARE(HttpClient(ring.at(0).url()).upload("/v1/fs/file", old, ring.token()).status, 200);
    QVERIFY(!ring.difference().isEmpty());
    QVERIFY(spinUntil(
        [&] {
            const HttpResponse response = ring.get("file");
            if (response.body != fresh)
                qWarning("%s", response.text().constData());
            return response.body != fresh || ring.difference().isEmpty();
        },
        MendLimit));
    QCOMPARE(ring.get("file").body, fresh);
    QCOMPARE(ring.difference(), QByteArray());
    QVERIFY(ring.front(0).requests("GET", "/v1/fs/file").size() > reads);
}

QTEST_GUILESS_MAIN(TestLateServers)
#include "tst_lateservers.moc"
