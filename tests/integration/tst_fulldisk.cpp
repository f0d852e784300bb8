// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/smalldisk.h"
#include "tests/support/spin.h"

#include <QJsonDocument>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// A disk without room, under the ring's database or under servers: what cannot be kept is refused in words,
/// what was accepted is kept, and everything goes on by itself when there is room again.
class TestFullDisk : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void databaseWithoutRoom_data();
    void databaseWithoutRoom();
    void oneServerWithoutRoom();
    void twoServersWithoutRoom();
};

namespace {

constexpr int Limit = 30'000;
constexpr int Beyond =
    1'200; ///< What is done otherwise without delay; less than any of the ring's time-outs.
constexpr qint64 StateDisk = 6'000'000;
constexpr qint64 ServerDisk = 12'000'000;
constexpr qsizetype Large = 1'500'000;
const QByteArray Old = FaultyRing::content(20'000, "old");
const QByteArray New = FaultyRing::content(20'000, "new");

QByteArray numbered(const char *prefix, int number)
{
    return prefix + QByteArray::number(number);
}

/// What was told to clients: the bytes of a path, or null for a delete.
using Truth = QMap<QByteArray, QByteArray>;

QByteArrayList wrong(FaultyRing &ring, const Truth &truth)
{
    QByteArrayList lines;
    for (auto it = truth.cbegin(); it != truth.cend(); ++it) {
        const HttpResponse answer = ring.get(it.key());
        if (it->isNull() ? answer.status != 404 : answer.status != 200 || answer.body != *it)
            lines << it.key() + ": " + answer.text();
    }
    return lines;
}

QByteArrayList wrongOnDisks(FaultyRing &ring, const Truth &truth)
{
    QByteArrayList lines;
    for (int server = 0; server < FaultyRing::Servers; ++server) {
        for (auto it = truth.cbegin(); it != truth.cend(); ++it) {
            if (ring.onDisk(server, it.key()) != *it)
                lines << ring.at(server).name().toUtf8() + ' ' + it.key();
        }
    }
    return lines;
}

#define VERIFY_NONE(lines)                                                                                   \
    do {                                                                                                     \
        const QByteArrayList none = (lines);                                                                 \
        QVERIFY2(none.isEmpty(), none.join('\n').constData());                                               \
    } while (false)

/// The servers in this list have their data on the disk.
Status startOn(FaultyRing &ring, const SmallDisk &disk, const QList<int> &servers)
{
    const Status started = ring.startServers([&](int index, CharmServerOptions &options) {
        if (servers.contains(index))
            options.dataDir = disk.path() + QStringLiteral("/data%1").arg(index);
    });
    return started.ok() ? ring.startRing() : started;
}

} // namespace

void TestFullDisk::databaseWithoutRoom_data()
{
    QTest::addColumn<bool>("killed");
    QTest::newRow("there is room again") << false;
    QTest::newRow("the ring is killed before there is room") << true;
}

void TestFullDisk::databaseWithoutRoom()
{
    QFETCH(bool, killed);
    constexpr int most = 3'000;
    SmallDisk disk(StateDisk);
    CRING_OK(disk.made());
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.useServerKey());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.ring().stop(), 0);
    QVERIFY(StateFolder(ring.ring()).moveTo(disk.path() + QStringLiteral("/charmedring")));
    CRING_OK(ring.restartRing());
    Truth truth;
    QStringList names;
    HttpResponse answer;
    const auto store = [&](const QByteArray &path, const QByteArray &data) {
        answer = ring.upload(path, data);
        if (answer.status == 200)
            truth[path] = data;
        return answer.status == 200;
    };
    for (int i = 0; i < 12; ++i)
        QVERIFY2(store(numbered("d/old", i), Old), answer.text().constData());
    const auto draw = [&] {
        return ring.client().request("POST", "/v1/seq/name", HttpClient::bearer(ring.token()));
    };
    const qint64 first = draw().json().value(QStringLiteral("seq")).toInteger();

    disk.fill();
    int accepted = 0;
    while (accepted < most && store(numbered("d/new", accepted % 100), New + QByteArray::number(accepted)))
        ++accepted;
    qInfo("%d uploads were accepted on a full disk", accepted);
    const auto refusedInWords = [&](const HttpResponse &refused) {
        QVERIFY2(refused.status == 507 && refused.message().contains(QStringLiteral("full")),
                 refused.text().constData());
    };
    refusedInWords(answer);
    // An overwrite, too: the old one holds.
    QVERIFY(!store("d/old0", New));
    refusedInWords(answer);
    answer = ring.remove("d/old1");
    refusedInWords(answer);
    refusedInWords(draw());
    const auto log = ring.ring().runCommand({QStringLiteral("log")});
    QVERIFY2(log.out.contains("the disk is full"), log.out.constData());
    VERIFY_NONE(wrong(ring, truth));
    for (auto it = truth.cbegin(); it != truth.cend(); ++it)
        names << QString::fromUtf8(it.key().mid(2));
    QCOMPARE(ring.names("d"), names);

    if (killed) {
        ring.ring().kill9();
        disk.release();
        CRING_OK(ring.restartRing());
    } else {
        disk.release();
    }
    QVERIFY(spinUntil([&] { return store("d/room", New); }, Limit));
    QVERIFY(spinUntil([&] { return wrong(ring, truth).isEmpty(); }, Limit));
    QVERIFY2(ring.differenceAfter(Limit).isEmpty(), ring.difference().constData());
    VERIFY_NONE(wrong(ring, truth));
    VERIFY_NONE(wrongOnDisks(ring, truth));
    QVERIFY(draw().json().value(QStringLiteral("seq")).toInteger() > first);
    QCOMPARE(ring.remove("d/old1").status, 200);
    QCOMPARE(ring.get("d/old1").status, 404);
}

/// Nobody is kept waiting, and what it could not take it gets when it can.
void TestFullDisk::oneServerWithoutRoom()
{
    constexpr int full = 1;
    SmallDisk disk(ServerDisk);
    CRING_OK(disk.made());
    FaultyRing ring;
    CRING_OK(startOn(ring, disk, {full}));
    Truth truth;
    qint64 longest = 0; // That anybody was kept waiting, ms.
    const auto store = [&](const QByteArray &path, const QByteArray &data) {
        const HttpResponse answer = ring.upload(path, data);
        QVERIFY2(answer.status == 200, answer.text().constData());
        longest = std::max(longest, answer.tookMs);
        truth[path] = data;
    };
    for (int i = 0; i < 6; ++i)
        store(numbered("d/old", i), Old);
    store("other/large", FaultyRing::content(Large, "large"));
    QVERIFY2(ring.differenceAfter(Limit).isEmpty(), ring.difference().constData());

    const qint64 usual = std::exchange(longest, 0);
    disk.fill();
    for (int i = 0; i < 6; ++i)
        store(numbered("d/new", i), New);
    store("d/old0", FaultyRing::content(Large, "larger"));
    store("other/folder/file", New);
    const HttpResponse removed = ring.remove("d/old1");
    QCOMPARE(removed.status, 200);
    longest = std::max(longest, removed.tookMs);
    truth["d/old1"] = QByteArray();
    QVERIFY2(longest < usual + Beyond, QByteArray::number(longest).constData());
    for (int round = 0; round < 3; ++round)
        VERIFY_NONE(wrong(ring, truth));
    QVERIFY(!ring.difference().isEmpty());
    const auto queue = ring.ring().runCommand({QStringLiteral("queue"), QStringLiteral("list")});
    QVERIFY2(queue.out.contains(ring.at(full).name().toUtf8()), (queue.err + queue.out).constData());

    disk.release();
    const QByteArray difference = ring.differenceAfter(Limit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    VERIFY_NONE(wrong(ring, truth));
    VERIFY_NONE(wrongOnDisks(ring, truth));
}

/// Charm empties a file before it finds that there is no room: then the new version, which one server has
/// whole, is all there is, and holds everywhere in the end. A new file is nowhere.
void TestFullDisk::twoServersWithoutRoom()
{
    SmallDisk disk(ServerDisk);
    CRING_OK(disk.made());
    FaultyRing ring;
    CRING_OK(startOn(ring, disk, {1, 2}));
    Truth truth;
    for (int i = 0; i < 6; ++i) {
        QCOMPARE(ring.upload(numbered("d/old", i), Old).status, 200);
        truth[numbered("d/old", i)] = Old;
    }
    QVERIFY2(ring.differenceAfter(Limit).isEmpty(), ring.difference().constData());
    disk.fill();
    const QByteArray larger = FaultyRing::content(Large, "larger");
    for (int i = 0; i < 6; ++i) {
        const HttpResponse refused = ring.upload(numbered("d/new", i), New);
        QVERIFY2(refused.status == 503 && refused.message().contains(ring.at(1).name()) &&
                     refused.message().contains(ring.at(2).name()),
                 refused.text().constData());
        truth[numbered("d/new", i)] = QByteArray();
    }
    const HttpResponse refused = ring.upload("d/old0", larger);
    QVERIFY2(refused.status == 503, refused.text().constData());
    truth.remove("d/old0");
    const auto old0 = [&] {
        const HttpResponse answer = ring.get("d/old0");
        const bool whole = answer.status == 200 && answer.complete;
        if (whole && answer.body != Old && answer.body != larger)
            QTest::qFail(answer.text().constData(), __FILE__, __LINE__);
        return whole ? answer.body : QByteArray();
    };
    // Also read meanwhile.
    for (int round = 0; round < 3; ++round) {
        VERIFY_NONE(wrong(ring, truth));
        (void)old0();
    }
    QCOMPARE(ring.remove("d/old1").status, 200);
    truth["d/old1"] = QByteArray();

    disk.release();
    const QByteArray difference = ring.differenceAfter(Limit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    VERIFY_NONE(wrong(ring, truth));
    VERIFY_NONE(wrongOnDisks(ring, truth));
    QVERIFY(!old0().isNull());
    QCOMPARE(ring.upload("d/new0", New).status, 200);
    QCOMPARE(ring.get("d/new0").body, New);
}

QTEST_GUILESS_MAIN(TestFullDisk)
#include "tst_fulldisk.moc"
