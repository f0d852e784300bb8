// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/missedwrites.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace cring::test;

/// A server that was away holds what the others hold soon after it is back, without anybody asking for it:
/// also when the ring was killed meanwhile. What was deleted does not come back with it.
class TestHealing : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void missedWritesArrive_data() { waysToComeBack(); }
    void missedWritesArrive();
    void fileInAFolderWhoseDeleteIsOwedStays_data() { waysToComeBack(); }
    void fileInAFolderWhoseDeleteIsOwedStays();
    void serverLeftOutIsNotBelieved_data() { waysToConfigure(); }
    void serverLeftOutIsNotBelieved();
    void serverLeftOutIsBroughtUpToDate_data() { waysToConfigure(); }
    void serverLeftOutIsBroughtUpToDate();

private:
    static void waysToComeBack();
    static void waysToConfigure();
    /// The ring as the row wants it: with the means to heal alone when it is killed.
    static Status startRing(FaultyRing &ring);
    /// Whoever was away is back, and the ring is another one if the row says so.
    static Status comeBack(FaultyRing &ring, int server);
    static void leaveOut(FaultyRing &ring);
};

namespace {

constexpr int Away = 2; ///< The server that is.
constexpr int HealLimit = 25'000;
constexpr int DownLimit = 5'000;
const QByteArray Old = FaultyRing::content(2'000, "old");
const QByteArray New = FaultyRing::content(3'000, "new");

} // namespace

void TestHealing::waysToComeBack()
{
    QTest::addColumn<bool>("killed");
    QTest::newRow("the ring goes on") << false;
    QTest::newRow("the ring is killed") << true;
}

Status TestHealing::startRing(FaultyRing &ring)
{
    QFETCH(bool, killed);
    if (Status started = ring.startServers(); !started)
        return started;
    if (killed) {
        if (Status key = ring.useServerKey(); !key)
            return key;
    }
    return ring.startRing();
}

Status TestHealing::comeBack(FaultyRing &ring, int server)
{
    QFETCH(bool, killed);
    if (!killed)
        return ring.at(server).start();
    ring.ring().kill9();
    if (Status started = ring.at(server).start(); !started)
        return started;
    return ring.killAndRestartRing();
}

void TestHealing::missedWritesArrive()
{
    FaultyRing ring;
    CRING_OK(startRing(ring));
    MissedWrites writes(ring, {});
    CRING_OK(writes.prepare());
    QVERIFY2(ring.differenceAfter(10'000).isEmpty(), ring.difference().constData());
    ring.at(Away).kill9();
    QVERIFY(spinUntil([&] { return !ring.isUp(Away); }, DownLimit));
    QElapsedTimer timer;
    timer.start();
    CRING_OK(writes.write());
    const qint64 written = timer.restart();
    CRING_OK(comeBack(ring, Away));
    const QByteArray wrong = writes.wrongAfter(Away, HealLimit);
    const qint64 healed = timer.elapsed();
    QVERIFY2(wrong.isEmpty(), wrong.constData());
    for (int server = 0; server < FaultyRing::Servers; ++server)
        QVERIFY2(writes.wrong(server).isEmpty(), writes.wrong(server).constData());
    QVERIFY2(ring.differenceAfter(5'000).isEmpty(), ring.difference().constData());
    qInfo("written in %.1f s; equal %.1f s after the server was back", static_cast<double>(written) / 1000,
          static_cast<double>(healed) / 1000);
}

void TestHealing::fileInAFolderWhoseDeleteIsOwedStays()
{
    FaultyRing ring;
    CRING_OK(startRing(ring));
    for (const QByteArray path : {"folder/a", "folder/b", "folder/deep/c", "other"})
        QCOMPARE(ring.upload(path, Old).status, 200);
    QVERIFY2(ring.differenceAfter(5'000).isEmpty(), ring.difference().constData());
    ring.at(Away).kill9();
    QCOMPARE(ring.remove("folder").status, 200);
    QCOMPARE(ring.upload("folder/a", New).status, 200);
    QCOMPARE(ring.upload("folder/deep/d", New).status, 200);
    CRING_OK(comeBack(ring, Away));
    const QByteArray difference = ring.differenceAfter(HealLimit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    for (int server = 0; server < FaultyRing::Servers; ++server) {
        QCOMPARE(ring.onDisk(server, "folder/a"), New);
        QCOMPARE(ring.onDisk(server, "folder/deep/d"), New);
        QCOMPARE(ring.onDisk(server, "other"), Old);
        QVERIFY(!ring.holds(server, QStringLiteral("folder/b")));
        QVERIFY(!ring.holds(server, QStringLiteral("folder/deep/c")));
    }
    QCOMPARE(ring.get("folder/a").body, New);
    QCOMPARE(ring.get("folder/b").status, 404);
    QCOMPARE(ring.names("folder"), (QStringList{QStringLiteral("a"), QStringLiteral("deep")}));
    QCOMPARE(ring.names("folder/deep"), QStringList{QStringLiteral("d")});
}

void TestHealing::waysToConfigure()
{
    QTest::addColumn<bool>("restarts");
    QTest::newRow("the configuration is reloaded") << false;
    QTest::newRow("the ring is started anew") << true;
}

/// Somebody leaves it out of the configuration once, and puts it back.
void TestHealing::leaveOut(FaultyRing &ring)
{
    QFETCH(bool, restarts);
    CRING_OK(ring.startServers());
    if (restarts)
        CRING_OK(ring.useServerKey());
    CRING_OK(ring.startRing());
    for (const QByteArray path : {"file", "folder/a", "folder/deep/b", "stays"})
        QCOMPARE(ring.upload(path, Old).status, 200);
    QVERIFY2(ring.differenceAfter(5'000).isEmpty(), ring.difference().constData());
    const auto all = ring.ring().options().servers;
    CRING_OK(ring.configure(all.mid(0, Away), restarts));
    QCOMPARE(ring.remove("file").status, 200);
    QCOMPARE(ring.remove("folder").status, 200);
    QCOMPARE(ring.upload("stays", New).status, 200);
    CRING_OK(ring.configure(all, restarts));
}

void TestHealing::serverLeftOutIsNotBelieved()
{
    constexpr int looks = 30; // each may be answered by another server
    FaultyRing ring;
    leaveOut(ring);
    for (int look = 0; look < looks && !QTest::currentTestFailed(); ++look) {
        for (const QByteArray path : {"file", "folder/a", "folder/deep/b", "folder"}) {
            const HttpResponse response = ring.get(path);
            QVERIFY2(response.status == 404 || response.status == 503, response.text().constData());
        }
        const HttpResponse listing = ring.get({});
        QVERIFY2(listing.status == 503 || (listing.status == 200 && !listing.body.contains(R"("file")") &&
                                           !listing.body.contains(R"("folder")")),
                 listing.text().constData());
        const HttpResponse stays = ring.get("stays");
        QVERIFY2(stays.status == 200 && stays.body == New, stays.text().constData());
    }
}

void TestHealing::serverLeftOutIsBroughtUpToDate()
{
    FaultyRing ring;
    leaveOut(ring);
    const QByteArray difference = ring.differenceAfter(HealLimit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    QCOMPARE(ring.onDisk(Away, "stays"), New);
    QVERIFY(!ring.holds(Away, QStringLiteral("file")));
    QVERIFY(!ring.holds(Away, QStringLiteral("folder")));
    QCOMPARE(ring.names({}), QStringList{QStringLiteral("stays")});
}

QTEST_GUILESS_MAIN(TestHealing)
#include "tst_healing.moc"
