// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace cring::test;

/// Folders whose making was cut off, refused, or came before an older delete was carried through: in the end
/// they are everywhere or nowhere, and have nothing old in them.
class TestFolders : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void killedWhileItIsMade_data();
    void killedWhileItIsMade();
    void killedBeforeTheLastServerAnswered();
    void nothingOldStaysInIt();
    void whatWasMadeForARefusedOneIsEverywhere_data();
    void whatWasMadeForARefusedOneIsEverywhere();

private:
    /// With this file, and all servers gone through.
    static Status start(FaultyRing &ring, const QList<int> &faulty, const QByteArray &file = "other");
    static bool reach(FaultyRing &ring, const QList<int> &servers);
    /// Everything is as it shall be, and nothing is left to be done.
    static QByteArray wrongAtTheEnd(FaultyRing &ring, bool isThere);
};

namespace {

constexpr int Limit = 20'000;
const QByteArray Folder = "above/made";
const QByteArray Target = FaultyRing::target(Folder);
const QByteArray File = FaultyRing::content(3'000, "file");

} // namespace

Status TestFolders::start(FaultyRing &ring, const QList<int> &faulty, const QByteArray &file)
{
    if (Status started = ring.startServers(); !started)
        return started;
    if (Status key = ring.useServerKey(); !key)
        return key;
    if (Status started = ring.startRing(faulty); !started)
        return started;
    if (const HttpResponse first = ring.upload(file, File); first.status != 200)
        return Error{Code::BackendAnswer, QString::fromUtf8(first.text())};
    const QString known = QStringLiteral("SELECT count(*) FROM accounts WHERE state = 1");
    const bool isKnown = spinUntil([&] { return StateFolder(ring.ring()).number(known) > 0; }, Limit);
    if (!isKnown || !ring.differenceAfter(Limit).isEmpty())
        return Error{Code::NoQuorum, QStringLiteral("the ring did not come to rest")};
    return {};
}

/// These have been asked for the folder.
bool TestFolders::reach(FaultyRing &ring, const QList<int> &servers)
{
    return spinUntil(
        [&] {
            return std::all_of(servers.begin(), servers.end(), [&](int server) {
                return !ring.front(server).requests("POST", Target).isEmpty();
            });
        },
        Limit);
}

QByteArray TestFolders::wrongAtTheEnd(FaultyRing &ring, bool isThere)
{
    HttpResponse response;
    const bool told = spinUntil(
        [&] {
            response = ring.get(Folder);
            return response.status != 503;
        },
        Limit);
    if (!told || response.status != (isThere ? 200 : 404))
        return response.text();
    const QString name = QString::fromUtf8(Folder);
    for (int server = 0; server < FaultyRing::Servers; ++server) {
        if (!spinUntil([&] { return ring.holds(server, name) == isThere; }, Limit))
            return "server " + QByteArray::number(server) + (isThere ? " has no folder" : " has a folder");
    }
    if (const QByteArray difference = ring.differenceAfter(Limit); !difference.isEmpty())
        return difference;
    const StateFolder state(ring.ring());
    if (!spinUntil([&] { return state.number(QStringLiteral("SELECT count(*) FROM owed")) == 0; }, Limit))
        return "something is owed still";
    return ring.differenceAfter(0);
}

void TestFolders::killedWhileItIsMade_data()
{
    QTest::addColumn<bool>("wasDeleted");
    QTest::addColumn<QList<int>>("made"); // by these of the two that can be reached
    QTest::newRow("by both, never there before") << false << QList<int>{0, 1};
    QTest::newRow("by both, deleted before") << true << QList<int>{0, 1};
    QTest::newRow("by one, never there before") << false << QList<int>{1};
    QTest::newRow("by one, deleted before") << true << QList<int>{1};
    QTest::newRow("by nobody, never there before") << false << QList<int>();
    QTest::newRow("by nobody, deleted before") << true << QList<int>();
}

/// Nobody has answered, and the third server is away.
void TestFolders::killedWhileItIsMade()
{
    QFETCH(bool, wasDeleted);
    QFETCH(QList<int>, made);
    FaultyRing ring;
    CRING_OK(start(ring, {0, 1}, wasDeleted ? Folder + "/file" : QByteArray("other")));
    ring.at(2).kill9();
    QVERIFY(spinUntil([&] { return !ring.isUp(2); }, Limit));
    if (wasDeleted)
        QCOMPARE(ring.remove(Folder).status, 200);
    for (const int server : {0, 1}) {
        ring.front(server).clearRules();
        ring.front(server).on("POST", Target,
                              made.contains(server) ? Fault::holdResponse() : Fault::silent());
    }
    const UnderWay making = UnderWay::makeFolder(ring, Folder);
    QVERIFY(reach(ring, {0, 1}));
    for (const int server : std::as_const(made))
        QVERIFY(spinUntil([&] { return ring.holds(server, QString::fromUtf8(Folder)); }, Limit));
    ring.ring().kill9();
    for (const int server : {0, 1})
        ring.front(server).clearRules();
    CRING_OK(ring.at(2).restart());
    CRING_OK(ring.restartRing());
    const QByteArray wrong = wrongAtTheEnd(ring, !made.isEmpty());
    QVERIFY2(wrong.isEmpty(), wrong.constData());
}

/// The client was told that it is there.
void TestFolders::killedBeforeTheLastServerAnswered()
{
    FaultyRing ring;
    CRING_OK(start(ring, {2}));
    ring.front(2).on("POST", Target, Fault::silent());
    QCOMPARE(ring.makeFolder(Folder).status, 200);
    QVERIFY(reach(ring, {2}));
    ring.ring().kill9();
    ring.at(2).kill9();
    ring.front(2).clearRules();
    CRING_OK(ring.ring().start());
    // It is known without a look at the server.
    const StateFolder state(ring.ring());
    const QByteArray key = ring.cluster().charmId().toLatin1() + '/' + Folder;
    const QString owed = QStringLiteral("SELECT count(*) FROM owed WHERE key = ?");
    QVERIFY(spinUntil([&] { return state.number(owed, {key}) == 1; }, Limit));
    CRING_OK(ring.at(2).restart());
    const QByteArray wrong = wrongAtTheEnd(ring, true);
    QVERIFY2(wrong.isEmpty(), wrong.constData());
}

/// A server that has not carried the delete through makes the folder at once, with all that it still has in
/// it.
void TestFolders::nothingOldStaysInIt()
{
    FaultyRing ring;
    CRING_OK(start(ring, {2}, Folder + "/file"));
    ring.front(2).on("DELETE", Target, Fault::status(500));
    QCOMPARE(ring.remove(Folder).status, 200);
    QVERIFY(spinUntil([&] { return !ring.holds(0, QString::fromUtf8(Folder)); }, Limit));
    QCOMPARE(ring.makeFolder(Folder).status, 200);
    QVERIFY(spinUntil([&] { return !ring.front(2).requests("POST", Target).isEmpty(); }, Limit));
    QVERIFY(ring.onDisk(2, Folder + "/file") == File);
    ring.front(2).clearRules();
    const QByteArray wrong = wrongAtTheEnd(ring, true);
    QVERIFY2(wrong.isEmpty(), wrong.constData());
}

void TestFolders::whatWasMadeForARefusedOneIsEverywhere_data()
{
    QTest::addColumn<bool>("isFolder");
    QTest::newRow("a file") << false;
    QTest::newRow("a folder") << true;
}

/// The folder above it, on the servers that were there.
void TestFolders::whatWasMadeForARefusedOneIsEverywhere()
{
    QFETCH(bool, isFolder);
    FaultyRing ring;
    CRING_OK(start(ring, {0, 1}));
    ring.at(2).kill9();
    QVERIFY(spinUntil([&] { return !ring.isUp(2); }, Limit));
    // Of the folder it is known too late.
    for (const int server : {0, 1})
        ring.front(server).on("POST", Target + "/refused",
                              isFolder ? Fault::loseResponse() : Fault::status(500));
    const HttpResponse refused =
        isFolder ? ring.makeFolder(Folder + "/refused") : ring.upload(Folder + "/refused", File);
    QVERIFY2(refused.status == 503, refused.text().constData());
    for (const int server : {0, 1})
        QVERIFY(ring.holds(server, QString::fromUtf8(Folder)));
    CRING_OK(ring.at(2).restart());
    const QByteArray wrong = wrongAtTheEnd(ring, true);
    QVERIFY2(wrong.isEmpty(), wrong.constData());
}

QTEST_GUILESS_MAIN(TestFolders)
#include "tst_folders.moc"
