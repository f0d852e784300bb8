// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/digest.h"
#include "core/service/store.h"
#include "core/state/spooldraft.h"
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/exposition.h"
#include "tests/support/powercut.h"
#include "tests/support/smalldisk.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QJsonDocument>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// A copy on this machine's disk that counts while no quorum of servers can be reached.
class TestLocalCopy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneServerAndTheDiskAreEnough();
    void withoutIt_data();
    void withoutIt();
    void serversThatRefuse_data();
    void serversThatRefuse();
    void serversThatDoNotKnowTheAccount();
    void overwriteAndDeleteMeanwhile();
    void serversThatAreLostOnTheWay();
    void serversThatFailAfterTheirTails();
    void refusedOverwriteLeavesTheOldOneOfTheSpool();
    void refusedOverwriteThatLeavesNothingElse();
    void powerCutRightAfterTheAnswer_data();
    void powerCutRightAfterTheAnswer();
    void fullDisk();
    void fullBudget();
    void killedBetweenTwoSteps_data();
    void killedBetweenTwoSteps();
    void isShown();

private:
    static Status start(FaultyRing &ring, const QList<int> &faulty = {}, const QString &sections = {});
    /// The ring knows that they are down.
    static bool takeDown(FaultyRing &ring, const QList<int> &servers);
    static bool bringBack(FaultyRing &ring, const QList<int> &servers);
};

namespace {

constexpr int Limit = 30'000;
const QString LocalCopy = QStringLiteral("local_copy = true\n");
const QByteArray Old = FaultyRing::content(3'000, "old");
const QByteArray New = FaultyRing::content(300'000, "new");

QStringList spoolFiles(FaultyRing &ring)
{
    return QDir(StateFolder(ring.ring()).path() + QStringLiteral("/spool"))
        .entryList(QDir::Files, QDir::Name);
}

bool spoolBecomes(FaultyRing &ring, qsizetype bodies)
{
    return spinUntil([&] { return spoolFiles(ring).size() == 2 * bodies; }, Limit);
}

/// What is answered instead, if not.
QByteArray becomesReadable(FaultyRing &ring, const QByteArray &path, const QByteArray &data)
{
    HttpResponse response;
    const bool read = spinUntil(
        [&] {
            response = ring.get(path);
            return response.status == 200 && response.complete && response.body == data;
        },
        Limit);
    return read ? QByteArray()
                : response.text() + " of " + QByteArray::number(response.body.size()) + " bytes";
}

/// All three have it, and nothing is left here.
QByteArray wrongAtTheEnd(FaultyRing &ring, const QByteArray &path, const QByteArray &data)
{
    // They may be equal before, with what was there.
    for (int server = 0; server < FaultyRing::Servers; ++server) {
        if (!spinUntil([&] { return ring.onDisk(server, path) == data; }, Limit))
            return "server " + QByteArray::number(server) + " has something else";
    }
    if (const QByteArray difference = ring.differenceAfter(Limit); !difference.isEmpty())
        return difference;
    if (!spoolBecomes(ring, 0))
        return "the spool has " + spoolFiles(ring).join(u' ').toUtf8();
    return {};
}

} // namespace

Status TestLocalCopy::start(FaultyRing &ring, const QList<int> &faulty, const QString &sections)
{
    if (Status started = ring.startServers(); !started)
        return started;
    if (Status key = ring.useServerKey(); !key)
        return key;
    if (Status started = ring.startRing(faulty, LocalCopy + sections); !started)
        return started;
    // The account is known: it has a file, and all servers have been gone through.
    if (const HttpResponse first = ring.upload("first", "first"); first.status != 200)
        return Error{Code::BackendAnswer, QString::fromUtf8(first.text())};
    const bool imported = spinUntil(
        [&] {
            return StateFolder(ring.ring())
                       .number(QStringLiteral("SELECT count(*) FROM accounts WHERE state = 1")) > 0;
        },
        Limit);
    if (!imported || !ring.differenceAfter(Limit).isEmpty())
        return Error{Code::NoQuorum, QStringLiteral("the ring did not come to rest")};
    return {};
}

bool TestLocalCopy::takeDown(FaultyRing &ring, const QList<int> &servers)
{
    for (const int server : servers)
        ring.at(server).kill9();
    return spinUntil(
        [&] {
            return std::none_of(servers.begin(), servers.end(),
                                [&](int server) { return ring.isUp(server); });
        },
        Limit);
}

bool TestLocalCopy::bringBack(FaultyRing &ring, const QList<int> &servers)
{
    for (const int server : servers) {
        if (!ring.at(server).restart().ok())
            return false;
    }
    return spinUntil(
        [&] {
            return std::all_of(servers.begin(), servers.end(), [&](int server) { return ring.isUp(server); });
        },
        Limit);
}

void TestLocalCopy::oneServerAndTheDiskAreEnough()
{
    FaultyRing ring;
    CRING_OK(start(ring));
    QVERIFY(takeDown(ring, {1, 2}));
    const HttpResponse stored = ring.upload("file", New);
    // At once: what the answer promises is there.
    ring.ring().kill9();
    QVERIFY2(stored.status == 200, stored.text().constData());
    ring.at(0).kill9();
    QCOMPARE(spoolFiles(ring).size(), 2);

    CRING_OK(ring.ring().start());
    QCOMPARE(becomesReadable(ring, "file", New), QByteArray());
    HttpClient client = ring.client();
    const HttpResponse head = [&] {
        client.send("HEAD " + FaultyRing::target("file") +
                    " HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer " + ring.token() + "\r\n\r\n");
        return client.read(Limit, true);
    }();
    QVERIFY2(head.status == 200, head.text().constData());
    QCOMPARE(head.header("Content-Length"), QByteArray::number(New.size()));
    QCOMPARE(head.header("X-File-Mode"), QByteArray::number(0644));
    // Two that never had it: listings know it all the same, and the reader gets it still.
    QVERIFY(bringBack(ring, {1}));
    QVERIFY(ring.names("").contains(QStringLiteral("file")));
    QCOMPARE(becomesReadable(ring, "file", New), QByteArray());
    QVERIFY(bringBack(ring, {0, 2}));
    const QByteArray wrong = wrongAtTheEnd(ring, "file", New);
    QVERIFY2(wrong.isEmpty(), wrong.constData());
    QCOMPARE(ring.get("file").body, New);
}

void TestLocalCopy::withoutIt_data()
{
    QTest::addColumn<QString>("setting");
    QTest::addColumn<QList<int>>("down");
    QTest::newRow("switched off") << QString() << QList<int>{1, 2};
    QTest::newRow("no server at all") << LocalCopy << QList<int>{0, 1, 2};
}

void TestLocalCopy::withoutIt()
{
    QFETCH(QString, setting);
    QFETCH(QList<int>, down);
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({}, setting));
    QVERIFY(takeDown(ring, down));
    const HttpResponse refused = ring.upload("file", New);
    QCOMPARE(refused.status, 503);
    QVERIFY2(refused.message().startsWith(QStringLiteral("stored on 0 of 3 servers, need 2: ")),
             refused.text().constData());
    QCOMPARE(spoolFiles(ring), QStringList());
    QVERIFY(bringBack(ring, down));
    QCOMPARE(ring.get("file").status, 404);
}

void TestLocalCopy::serversThatRefuse_data()
{
    QTest::addColumn<Fault>("fault");
    QTest::addColumn<bool>("early");
    QTest::addColumn<bool>("oneIsAway");
    QTest::addColumn<int>("status");
    const QByteArray full = R"({"message":"user storage limit exceeded"})";
    QTest::newRow("401 before the body") << Fault::early(401) << true << false << 401;
    QTest::newRow("403 before the body") << Fault::early(403, full) << true << false << 403;
    QTest::newRow("413 before the body") << Fault::early(413) << true << false << 413;
    QTest::newRow("403 after the body") << Fault::status(403, full) << false << false << 503;
    QTest::newRow("413 after the body") << Fault::status(413) << false << false << 503;
    // A quorum can be reached, and half of it says no.
    QTest::newRow("one says no, one is away") << Fault::early(403, full) << true << true << 503;
    // Whoever stands in front of a server that is away.
    QTest::newRow("502 from gateways") << Fault::early(502) << true << false << 200;
}

/// They can be reached: the copy does not stand in for what they do not want.
void TestLocalCopy::serversThatRefuse()
{
    QFETCH(Fault, fault);
    QFETCH(bool, early);
    QFETCH(bool, oneIsAway);
    QFETCH(int, status);
    FaultyRing ring;
    CRING_OK(start(ring, {1, 2}));
    if (oneIsAway)
        QVERIFY(takeDown(ring, {2}));
    for (const int server : {1, 2})
        ring.front(server).on("POST", FaultyRing::target("file"), fault);
    const HttpResponse refused = ring.upload("file", New);
    QVERIFY2(refused.status == status, refused.text().constData());
    if (status == 503) {
        QVERIFY(refused.message().contains(ring.at(1).name()));
        QVERIFY(refused.message().contains(ring.at(2).name()));
    }
    if (status == 200)
        return;
    QVERIFY(spoolBecomes(ring, 0));
    for (const int server : {1, 2})
        ring.front(server).clearRules();
    if (early)
        QVERIFY(ring.onDisk(0, "file").isNull());
    QVERIFY(spinUntil([&] { return ring.get("file").status == 404; }, Limit));
}

void TestLocalCopy::serversThatDoNotKnowTheAccount()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({}, LocalCopy));
    const FaultyRing::Stranger stranger = ring.strangerAt(0);
    QVERIFY(!stranger.id.isEmpty());
    const HttpResponse refused = ring.client().upload(FaultyRing::target("file"), New, stranger.token);
    QVERIFY2(refused.status == 503, refused.text().constData());
    for (const int server : {1, 2})
        QVERIFY(refused.message().contains(ring.at(server).name() +
                                           QStringLiteral(" does not know this account")));
    QVERIFY(spinUntil([&] { return spoolFiles(ring).isEmpty(); }, Limit));
}

void TestLocalCopy::overwriteAndDeleteMeanwhile()
{
    FaultyRing ring;
    CRING_OK(start(ring));
    QVERIFY(takeDown(ring, {1, 2}));
    QCOMPARE(ring.upload("file", Old).status, 200);
    QCOMPARE(ring.upload("gone", Old).status, 200);
    QVERIFY(spoolBecomes(ring, 2));
    QCOMPARE(ring.upload("file", New).status, 200);
    QCOMPARE(ring.get("file").body, New);
    // The old one is nobody's any more.
    QVERIFY(spoolBecomes(ring, 2));
    QVERIFY(bringBack(ring, {1}));
    QCOMPARE(ring.remove("gone").status, 200);
    QVERIFY(spoolBecomes(ring, 1));
    QVERIFY(bringBack(ring, {2}));
    const QByteArray wrong = wrongAtTheEnd(ring, "file", New);
    QVERIFY2(wrong.isEmpty(), wrong.constData());
    QCOMPARE(ring.get("gone").status, 404);
    QCOMPARE(ring.names(""), (QStringList{QStringLiteral("file"), QStringLiteral("first")}));
}

/// Two of three, while the body comes: it has been followed from its beginning.
void TestLocalCopy::serversThatAreLostOnTheWay()
{
    FaultyRing ring;
    CRING_OK(start(ring));
    const QByteArray data = FaultyRing::content(6'000'000, "large");
    HttpClient client = ring.client();
    const QByteArray body = HttpClient::multipart(data);
    client.send("POST " + FaultyRing::target("file") +
                "?mode=420 HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer " + ring.token() +
                "\r\nContent-Type: multipart/form-data; boundary=test-boundary\r\nContent-Length: " +
                QByteArray::number(body.size()) + "\r\n\r\n");
    client.send(body.first(3'000'000));
    QVERIFY(client.flush());
    QVERIFY(spinUntil([&] { return spoolFiles(ring).size() == 1; }, Limit)); // it is coming
    ring.at(1).kill9();
    ring.at(2).kill9();
    client.send(body.sliced(3'000'000));
    const HttpResponse stored = client.read(Limit);
    QVERIFY2(stored.status == 200, stored.text().constData());
    QCOMPARE(spoolFiles(ring).size(), 2);
    QVERIFY(bringBack(ring, {1, 2}));
    const QByteArray wrong = wrongAtTheEnd(ring, "file", data);
    QVERIFY2(wrong.isEmpty(), wrong.constData());
}

/// Their answers are lost: they may have it or not. Without the local copy this is a refusal.
void TestLocalCopy::serversThatFailAfterTheirTails()
{
    FaultyRing ring;
    CRING_OK(start(ring, {1, 2}));
    QCOMPARE(ring.upload("file", Old).status, 200);
    for (const int server : {1, 2})
        ring.front(server).on("POST", FaultyRing::target("file"), Fault::loseResponse(), 1);
    const HttpResponse stored = ring.upload("file", New);
    QVERIFY2(stored.status == 200, stored.text().constData());
    QCOMPARE(spoolFiles(ring).size(), 2);
    QCOMPARE(ring.get("file").body, New);
    const QByteArray wrong = wrongAtTheEnd(ring, "file", New);
    QVERIFY2(wrong.isEmpty(), wrong.constData());
}

/// The one server that has it gets an overwrite that comes to nothing: what the spool has is the old version.
void TestLocalCopy::refusedOverwriteLeavesTheOldOneOfTheSpool()
{
    FaultyRing ring;
    CRING_OK(start(ring, {0}));
    QVERIFY(takeDown(ring, {1, 2}));
    QCOMPARE(ring.upload("file", Old).status, 200);
    ring.front(0).on("POST", FaultyRing::target("file"), Fault::loseResponse(), 1);
    const HttpResponse refused = ring.upload("file", New);
    QVERIFY2(refused.status == 503, refused.text().constData());
    QCOMPARE(ring.onDisk(0, "file"), New); // in doubt
    QCOMPARE(ring.get("file").body, Old);
    QVERIFY(bringBack(ring, {1, 2}));
    const QByteArray wrong = wrongAtTheEnd(ring, "file", Old);
    QVERIFY2(wrong.isEmpty(), wrong.constData());
}

/// Full disks: Charm truncates the old file before it fails with the new one. What came from the client is
/// all that is left.
void TestLocalCopy::refusedOverwriteThatLeavesNothingElse()
{
    FaultyRing ring;
    CRING_OK(start(ring, {0, 1, 2}));
    QCOMPARE(ring.upload("file", Old).status, 200);
    QVERIFY(ring.differenceAfter(Limit).isEmpty());
    for (int server = 0; server < FaultyRing::Servers; ++server) {
        QVERIFY(QFile::resize(ring.diskPath(server, "file"), 0));
        ring.front(server).on("POST", FaultyRing::target("file"), Fault::status(500));
    }
    const HttpResponse refused = ring.upload("file", New);
    ring.ring().kill9();
    QVERIFY2(refused.status == 503, refused.text().constData());
    QCOMPARE(spoolFiles(ring).size(), 2);
    for (int server = 0; server < FaultyRing::Servers; ++server)
        ring.front(server).clearRules();
    CRING_OK(ring.restartRing());
    QCOMPARE(becomesReadable(ring, "file", New), QByteArray());
    const QByteArray wrong = wrongAtTheEnd(ring, "file", New);
    QVERIFY2(wrong.isEmpty(), wrong.constData());
}

void TestLocalCopy::powerCutRightAfterTheAnswer_data()
{
    QTest::addColumn<PowerCut::Keep>("keep");
    QTest::newRow("nothing unsynced is left") << PowerCut::Keep::Nothing;
    QTest::newRow("sectors are left") << PowerCut::Keep::Some;
}

void TestLocalCopy::powerCutRightAfterTheAnswer()
{
    QFETCH(PowerCut::Keep, keep);
    FaultyRing ring;
    CRING_OK(start(ring));
    QCOMPARE(ring.ring().stop(), 0);
    PowerCut power(StateFolder(ring.ring()).path());
    CRING_OK(power.prepare());
    ring.ring().options().environment = power.environment();
    CRING_OK(ring.restartRing());
    QVERIFY(takeDown(ring, {1, 2}));
    const HttpResponse stored = ring.upload("file", New);
    ring.ring().kill9();
    QVERIFY2(stored.status == 200, stored.text().constData());
    CRING_OK(power.cut(keep));
    // And with it the one server's disk.
    ring.at(0).kill9();
    QVERIFY(QFile::remove(ring.diskPath(0, "file")));
    ring.ring().options().environment = {};
    CRING_OK(ring.ring().start());
    QVERIFY(bringBack(ring, {1, 2}));
    QCOMPARE(becomesReadable(ring, "file", New), QByteArray());
    QVERIFY(bringBack(ring, {0}));
    const QByteArray wrong = wrongAtTheEnd(ring, "file", New);
    QVERIFY2(wrong.isEmpty(), wrong.constData());
}

void TestLocalCopy::fullDisk()
{
    SmallDisk disk(40'000'000);
    CRING_OK(disk.made());
    FaultyRing ring;
    CRING_OK(start(ring));
    QCOMPARE(ring.ring().stop(), 0);
    QVERIFY(StateFolder(ring.ring()).moveTo(disk.path() + QStringLiteral("/charmedring")));
    CRING_OK(ring.restartRing());
    const QByteArray large = FaultyRing::content(30'000'000, "large");
    QVERIFY(takeDown(ring, {1, 2}));
    QCOMPARE(ring.upload("file", New).status, 200);
    const HttpResponse refused = ring.upload("large", large);
    QVERIFY2(refused.status == 507, refused.text().constData());
    QVERIFY(refused.message().contains(QStringLiteral("no copy could be kept here: the disk")));
    QVERIFY(spoolBecomes(ring, 1));
    QCOMPARE(ring.get("file").body, New);
    // Small ones still find room.
    const HttpResponse small = ring.upload("small", Old);
    QVERIFY2(small.status == 200, small.text().constData());
    QVERIFY(bringBack(ring, {1}));
    QCOMPARE(ring.get("large").status, 404);
    // With a quorum nobody needs it.
    QCOMPARE(ring.upload("large", large).status, 200);
    QVERIFY(bringBack(ring, {2}));
    const QByteArray wrong = wrongAtTheEnd(ring, "file", New);
    QVERIFY2(wrong.isEmpty(), wrong.constData());
    QCOMPARE(ring.get("large").body, large);
}

void TestLocalCopy::fullBudget()
{
    FaultyRing ring;
    CRING_OK(start(ring, {}, QStringLiteral("[spool]\ndisk_budget = \"500KiB\"\n")));
    QVERIFY(takeDown(ring, {1, 2}));
    QCOMPARE(ring.upload("file", New).status, 200);
    const HttpResponse refused = ring.upload("more", New);
    QVERIFY2(refused.status == 507, refused.text().constData());
    QVERIFY(refused.message().contains(QStringLiteral("the spool has no room left")));
    QVERIFY(spoolBecomes(ring, 1));
    QCOMPARE(ring.get("file").body, New);
    QVERIFY(bringBack(ring, {1}));
    QCOMPARE(ring.upload("more", New).status, 200);
    // A body that a quorum holds makes room for one that needs it.
    QVERIFY(spinUntil([&] { return ring.onDisk(1, "file") == New; }, Limit));
    QVERIFY(takeDown(ring, {1}));
    QVERIFY(spinUntil([&] { return ring.upload("third", New).status == 200; }, Limit));
    QVERIFY(bringBack(ring, {1, 2}));
    for (const char *path : {"file", "more", "third"}) {
        const QByteArray wrong = wrongAtTheEnd(ring, path, New);
        QVERIFY2(wrong.isEmpty(), wrong.constData());
    }
}

void TestLocalCopy::killedBetweenTwoSteps_data()
{
    QTest::addColumn<bool>("body");
    QTest::addColumn<bool>("intent");
    QTest::addColumn<bool>("onAServer");
    QTest::addColumn<QByteArray>("holds");
    QTest::newRow("before the intent") << true << false << false << Old;
    QTest::newRow("before the tails") << true << true << false << New;
    QTest::newRow("after them") << true << true << true << New;
    QTest::newRow("after the body was withdrawn") << false << true << false << Old;
}

/// What each leaves; the old version was acknowledged with everybody.
void TestLocalCopy::killedBetweenTwoSteps()
{
    QFETCH(bool, body);
    QFETCH(bool, intent);
    QFETCH(bool, onAServer);
    QFETCH(QByteArray, holds);
    FaultyRing ring;
    CRING_OK(start(ring));
    QCOMPARE(ring.upload("file", Old).status, 200);
    QVERIFY(ring.differenceAfter(Limit).isEmpty());
    QVERIFY(spinUntil(
        [&] { return StateFolder(ring.ring()).number(QStringLiteral("SELECT count(*) FROM intents")) == 0; },
        Limit));
    ring.ring().kill9();
    if (onAServer)
        QCOMPARE(HttpClient(ring.at(0).url()).upload(FaultyRing::target("file"), New, ring.token()).status,
                 200);
    {
        const SystemClock clock;
        SystemRandom random;
        auto store = service::Store::open(StateFolder(ring.ring()).path(), clock, random);
        QVERIFY(store.ok());
        replica::PayloadDigest digest((*store)->database->digestSeed());
        digest.add(New);
        state::Intent left;
        left.key = ring.cluster().charmId().toLatin1() + "/file";
        left.record.size = New.size();
        left.record.digest = digest.value();
        left.record.mode = 0644;
        left.existed = true;
        left.targets << ring.at(0).name();
        const auto draft = (*store)->spool.begin();
        if (body) {
            bool done = false;
            draft->add(New);
            draft->commit(left.key, left.record.digest, 0644, [&](const Status &status) {
                done = status.ok();
                draft->keep();
            });
            QVERIFY(spinUntil([&] { return done; }, Limit));
        }
        if (intent)
            (*store)->intents.open(left, state::Durability::Process, nullptr, [] {});
        (*store)->database->close();
    }
    QCOMPARE(spoolFiles(ring).size(), body ? 2 : 0);
    CRING_OK(ring.restartRing());
    QCOMPARE(becomesReadable(ring, "file", holds), QByteArray());
    const QByteArray wrong = wrongAtTheEnd(ring, "file", holds);
    QVERIFY2(wrong.isEmpty(), wrong.constData());
}

void TestLocalCopy::isShown()
{
    FaultyRing ring;
    CRING_OK(start(ring));
    QVERIFY(takeDown(ring, {1, 2}));
    QCOMPARE(ring.upload("file", New).status, 200);
    const auto status = ring.ring().runCommand({QStringLiteral("status"), QStringLiteral("--json")});
    const QJsonObject shown = QJsonDocument::fromJson(status.out).object();
    QCOMPARE(shown.value(QLatin1String("spoolFiles")).toInt(), 1);
    QCOMPARE(shown.value(QLatin1String("spoolBytes")).toInteger(), New.size());
    QCOMPARE(shown.value(QLatin1String("localCopies")).toInt(), 1);
    QVERIFY(shown.value(QLatin1String("writesPossible")).toBool());
    QCOMPARE(shown.value(QLatin1String("health")).toString(), QStringLiteral("degraded"));
    const auto text = ring.ring().runCommand({QStringLiteral("status")});
    QVERIFY2(text.out.contains("Spool:"), text.out.constData());
    const Exposition metrics(ring.watcher().request("GET", "/metrics").body);
    QCOMPARE(metrics.number("cring_spool_bodies"), 1.0);
    QCOMPARE(metrics.number("cring_spool_bytes"), static_cast<double>(New.size()));
    QVERIFY(metrics.number("cring_spool_budget_bytes") > 0);
    QCOMPARE(metrics.number("cring_local_copies_total"), 1.0);
}

QTEST_GUILESS_MAIN(TestLocalCopy)
#include "tst_localcopy.moc"
