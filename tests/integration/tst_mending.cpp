// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// Copies that are not what they should be are put right, with what was acknowledged and with nothing else;
/// and whoever reads or writes meanwhile does not wait for it.
class TestMending : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void folderAboveStaysWhenWhatWasMadeInItGoes();
    void wipedServerIsNoSource();
    void folderMadeWhereAFileWasReplacesIt();
    void folderMadeAnewHasNoneOfTheOldChildren();
    void stalledTargetHoldsUpNobody();
    void targetThatDoesNotAnswerHoldsUpNobody();
    void lateMendingDoesNotBringBackTheOldVersion_data();
    void lateMendingDoesNotBringBackTheOldVersion();
    void bytesThatAQuorumHasAreNotOverwritten();
    void minorityCopyIsPutRight();
    void truncatedCopiesAreNotRead();
    void serverThatNeverAnswersCostsNoDescriptors();
    void largeFolderDeleteIsCarriedThroughGently();
};

namespace {

constexpr int MendLimit = 20'000;
constexpr qint64 WorstMs = 4'000;
const QByteArray Old = FaultyRing::content(20'000, "old");
const QByteArray New = FaultyRing::content(20'000, "new");

} // namespace

/// Charm makes what is missing above a folder with it, also where something was deleted before.
void TestMending::folderAboveStaysWhenWhatWasMadeInItGoes()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.upload("d/f", "x").status, 200);
    QCOMPARE(ring.remove("d").status, 200);
    QCOMPARE(ring.get("d").status, 404);
    QCOMPARE(ring.makeFolder("d/e").status, 200);
    QCOMPARE(ring.remove("d/e").status, 200);
    QCOMPARE(ring.get("d").status, 200);
    QCOMPARE(ring.names("d"), QStringList());
    QCOMPARE(ring.names({}), QStringList({QStringLiteral("d")}));
    const QByteArray difference = ring.differenceAfter(5'000);
    QVERIFY2(difference.isEmpty(), difference.constData());
}

/// Server 3 was away and missed writes. When it is back, server 1 has lost its disk, and says "not there" of
/// what was written.
void TestMending::wipedServerIsNoSource()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    QByteArrayList names;
    for (int i = 0; i < 8; ++i)
        names << "file" + QByteArray::number(i);
    for (int i = 0; i < 4; ++i)
        QCOMPARE(ring.upload(names[i], Old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    ring.at(2).kill9();
    for (const QByteArray &name : names)
        QCOMPARE(ring.upload(name, New).status, 200);
    ring.at(0).stop();
    QVERIFY(QDir(ring.at(0).filesDir()).removeRecursively());
    CRING_OK(ring.at(0).start());
    CRING_OK(ring.at(2).start());
    QByteArrayList wrong;
    bool lost = false;
    (void)spinUntil(
        [&] {
            wrong.clear();
            for (const QByteArray &name : names) {
                const HttpResponse response = ring.get(name);
                if (response.status != 200 || response.body != New)
                    wrong << name + ": " + response.text();
                if (ring.onDisk(2, name) != New)
                    wrong << name + " has not come to charm3";
                if (ring.onDisk(1, name) != New) {
                    wrong << name + " has gone from charm2";
                    lost = true;
                }
            }
            return wrong.isEmpty() || lost;
        },
        MendLimit);
    QVERIFY2(wrong.isEmpty(), wrong.join('\n').constData());
}

void TestMending::folderMadeWhereAFileWasReplacesIt()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.upload("f", Old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    ring.at(2).kill9();
    QCOMPARE(ring.remove("f").status, 200);
    QCOMPARE(ring.makeFolder("f").status, 200);
    CRING_OK(ring.at(2).start());
    const auto isFolder = [&] {
        return QFileInfo(ring.diskPath(2, "f")).isDir();
    };
    HttpResponse response;
    (void)spinUntil(
        [&] {
            response = ring.get("f");
            return response.body == Old || isFolder();
        },
        MendLimit);
    QVERIFY2(response.body != Old, "the deleted file was read");
    QVERIFY2(isFolder(), "charm3 still has the deleted file");
    const QByteArray difference = ring.differenceAfter(5'000);
    QVERIFY2(difference.isEmpty(), difference.constData());
    QCOMPARE(ring.names("f"), QStringList());
    QCOMPARE(ring.upload("f/new", New).status, 200);
    QCOMPARE(ring.get("f/new").body, New);
}

void TestMending::folderMadeAnewHasNoneOfTheOldChildren()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    for (const QByteArray path : {"d/a", "d/sub/b"})
        QCOMPARE(ring.upload(path, Old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    ring.at(2).kill9();
    QCOMPARE(ring.remove("d").status, 200);
    QCOMPARE(ring.makeFolder("d").status, 200);
    CRING_OK(ring.at(2).start());
    const auto look = [&] {
        const HttpResponse listing = ring.get("d");
        QVERIFY2(listing.status == 503 ||
                     (listing.status == 200 && listing.complete && !listing.body.contains(R"("a")") &&
                      !listing.body.contains(R"("sub")")),
                 listing.text().constData());
        for (const QByteArray path : {"d/a", "d/sub/b", "d/sub"}) {
            const HttpResponse response = ring.get(path);
            QVERIFY2(response.status != 200, (path + ": " + response.text()).constData());
        }
    };
    (void)spinUntil(
        [&] {
            look();
            return QTest::currentTestFailed() || ring.difference().isEmpty();
        },
        MendLimit);
    const QByteArray difference = ring.difference();
    QVERIFY2(difference.isEmpty(), difference.constData());
    look();
    QCOMPARE(ring.names("d"), QStringList());
}

/// It takes a piece of the file that it missed, and then nothing more, without a word.
void TestMending::stalledTargetHoldsUpNobody()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({2}));
    const QByteArray large = FaultyRing::content(30 * 1024 * 1024, "large");
    const QByteArray larger = FaultyRing::content(31 * 1024 * 1024, "larger");
    ring.at(2).kill9();
    QVERIFY(spinUntil([&] { return !ring.isUp(2); }, 5'000));
    QCOMPARE(ring.upload("large", large).status, 200);
    constexpr qint64 taken = 1'000'000;
    ring.front(2).on("POST", "/v1/fs/large", Fault::stallRequest(taken));
    CRING_OK(ring.at(2).start());
    QVERIFY(spinUntil(
        [&] {
            const auto writes = ring.front(2).requests("POST", "/v1/fs/large");
            return !writes.isEmpty() && writes.last().bodySize == taken;
        },
        10'000));

    for (int round = 0; round < 3; ++round) {
        const HttpResponse read = UnderWay::get(ring, "large").within(WorstMs);
        QVERIFY2(read.status == 200 && read.complete && read.body == large, read.text().constData());
    }
    const HttpResponse written = UnderWay::upload(ring, "large", larger).within(WorstMs);
    QVERIFY2(written.status == 200, written.text().constData());
    const HttpResponse read = UnderWay::get(ring, "large").within(WorstMs);
    QVERIFY2(read.status == 200 && read.complete && read.body == larger, read.text().constData());
    ring.front(2).clearRules();
    QVERIFY(spinUntil([&] { return ring.onDisk(2, "large") == larger; }, 2 * MendLimit));
    QCOMPARE(ring.get("large").body, larger);
    QVERIFY2(ring.differenceAfter(5'000).isEmpty(), ring.difference().constData());
}

/// It has all of a large file, and time for bringing that to its disk; clients do not wait for it.
void TestMending::targetThatDoesNotAnswerHoldsUpNobody()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({2}));
    const QByteArray large = FaultyRing::content(64 * 1024 * 1024, "large");
    ring.at(2).kill9();
    QVERIFY(spinUntil([&] { return !ring.isUp(2); }, 5'000));
    QCOMPARE(ring.upload("large", large).status, 200);
    ring.front(2).on("POST", "/v1/fs/large", Fault::delayEnd(8'000));
    CRING_OK(ring.at(2).start());
    QVERIFY(spinUntil(
        [&] {
            const auto writes = ring.front(2).requests("POST", "/v1/fs/large");
            return !writes.isEmpty() && writes.last().complete;
        },
        10'000));
    const HttpResponse read = UnderWay::get(ring, "large").within(WorstMs);
    QVERIFY2(read.status == 200 && read.complete && read.body == large, read.text().constData());
    const HttpResponse written = UnderWay::upload(ring, "large", New).within(WorstMs);
    QVERIFY2(written.status == 200, written.text().constData());
    ring.front(2).clearRules();
    QVERIFY(spinUntil([&] { return ring.onDisk(2, "large") == New; }, 3 * MendLimit));
    QCOMPARE(ring.get("large").body, New);
}

void TestMending::lateMendingDoesNotBringBackTheOldVersion_data()
{
    QTest::addColumn<int>("after");
    QTest::addColumn<bool>("read");
    QTest::newRow("a newer version comes at once, and is read") << 0 << true;
    QTest::newRow("a newer version comes at once, and is not read") << 0 << false;
    QTest::newRow("a newer version comes just before the ring gives up") << 3'600 << false;
    QTest::newRow("a newer version comes when the ring has given up") << 5'500 << false;
}

/// Server 3 gets the end of a mending write 7 s after it was sent, and carries it out then: the ring has
/// given up waiting long ago, and a newer version has been acknowledged. Whoever reads helps to find it.
void TestMending::lateMendingDoesNotBringBackTheOldVersion()
{
    QFETCH(int, after);
    QFETCH(bool, read);
    constexpr int late = 7'000;
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({2}));
    QCOMPARE(ring.upload("file", Old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    ring.at(2).kill9();
    QVERIFY(spinUntil([&] { return !ring.isUp(2); }, 5'000));
    const QByteArray middle = FaultyRing::content(20'000, "middle");
    QCOMPARE(ring.upload("file", middle).status, 200);
    const auto before = ring.front(2).requests("POST", "/v1/fs/file").size();
    ring.front(2).on("POST", "/v1/fs/file", Fault::delayEnd(late));
    CRING_OK(ring.at(2).start());
    QVERIFY(spinUntil(
        [&] {
            const auto writes = ring.front(2).requests("POST", "/v1/fs/file").mid(before);
            return std::any_of(writes.begin(), writes.end(),
                               [](const auto &write) { return write.complete; });
        },
        10'000));
    QElapsedTimer held;
    held.start();
    ring.front(2).clearRules();
    QVERIFY(ring.onDisk(2, "file") != middle);
    (void)spinUntil([&] { return held.elapsed() >= after; }, late);
    const HttpResponse newest = ring.upload("file", New);
    QVERIFY2(newest.status == 200, newest.text().constData());

    const auto look = [&] {
        const HttpResponse response = ring.get("file");
        QVERIFY2(response.status == 503 || response.cut || (response.status == 200 && response.body == New),
                 response.text().constData());
    };
    const auto isNewEverywhere = [&] {
        bool isNew = true;
        for (int index = 0; index < FaultyRing::Servers; ++index)
            isNew = isNew && ring.onDisk(index, "file") == New;
        return isNew;
    };
    // Until the late write has been carried out, and what it did has been put right.
    (void)spinUntil(
        [&] {
            if (read)
                look();
            return QTest::currentTestFailed() || (held.elapsed() > late + 1'000 && isNewEverywhere());
        },
        late + MendLimit);
    QVERIFY2(isNewEverywhere(), ring.difference().constData());
    look();
}

/// Somebody else has written them, past the ring, which knows older ones.
void TestMending::bytesThatAQuorumHasAreNotOverwritten()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    const QList<QPair<int, int>> writers = {{0, 1}, {1, 2}, {0, 2}};
    const auto name = [](qsizetype i) {
        return "file" + QByteArray::number(i);
    };
    for (qsizetype i = 0; i < writers.size(); ++i)
        QCOMPARE(ring.upload(name(i), Old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    for (qsizetype i = 0; i < writers.size(); ++i) {
        for (const int server : {writers[i].first, writers[i].second}) {
            QCOMPARE(HttpClient(ring.at(server).url())
                         .upload(FaultyRing::target(name(i)), New, ring.token())
                         .status,
                     200);
        }
    }
    QByteArrayList wrong;
    const auto agree = [&] {
        wrong.clear();
        for (qsizetype i = 0; i < writers.size() && !QTest::currentTestFailed(); ++i) {
            for (const int server : {writers[i].first, writers[i].second})
                QVERIFY2(ring.onDisk(server, name(i)) == New, qPrintable(ring.at(server).name()));
            for (int round = 0; round < 3; ++round) {
                const HttpResponse response = ring.get(name(i));
                if (response.status != 200 || !response.complete || response.body != New)
                    wrong << name(i) + ": " + response.text();
            }
        }
    };
    (void)spinUntil(
        [&] {
            agree();
            return QTest::currentTestFailed() || wrong.isEmpty();
        },
        MendLimit);
    if (QTest::currentTestFailed())
        return;
    QVERIFY2(wrong.isEmpty(), wrong.join('\n').constData());
    // Nothing else has the older version, so it was kept aside before it was written over.
    QVERIFY(ring.differenceAfter(MendLimit).isEmpty());
    QCOMPARE(StateFolder(ring.ring()).keptVersions(), QByteArrayList(writers.size(), Old));
}

/// A client that gets a piece of it before that is noticed sees an error.
void TestMending::minorityCopyIsPutRight()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    const auto name = [](int i) {
        return "file" + QByteArray::number(i);
    };
    for (int i = 0; i < FaultyRing::Servers; ++i)
        QCOMPARE(ring.upload(name(i), Old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    for (int i = 0; i < FaultyRing::Servers; ++i)
        QCOMPARE(HttpClient(ring.at(i).url()).upload(FaultyRing::target(name(i)), New, ring.token()).status,
                 200);
    (void)spinUntil(
        [&] {
            for (int i = 0; i < FaultyRing::Servers; ++i) {
                const HttpResponse response = ring.get(name(i));
                const bool cut = response.cut && !response.complete;
                if (!cut && (response.status != 200 || response.body != Old))
                    QTest::qFail(response.text().constData(), __FILE__, __LINE__);
            }
            return QTest::currentTestFailed() || ring.difference().isEmpty();
        },
        MendLimit);
    QVERIFY2(ring.difference().isEmpty(), ring.difference().constData());
    for (int i = 0; i < FaultyRing::Servers; ++i)
        QVERIFY(ring.onDisk(i, name(i)) == Old);
}

/// Two of three, on the disk, to nothing: as a power cut can leave them. The third is whole.
void TestMending::truncatedCopiesAreNotRead()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    const QByteArray data = FaultyRing::content(3'000, "data");
    const auto name = [](int i) {
        return "file" + QByteArray::number(i);
    };
    for (int i = 0; i < FaultyRing::Servers; ++i)
        QCOMPARE(ring.upload(name(i), data).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    for (int whole = 0; whole < FaultyRing::Servers; ++whole) {
        for (int index = 0; index < FaultyRing::Servers; ++index) {
            if (index != whole)
                QVERIFY(QFile::resize(ring.diskPath(index, name(whole)), 0));
        }
        for (int round = 0; round < 10; ++round) {
            const HttpResponse response = ring.get(name(whole));
            QVERIFY2(response.status == 200 && response.complete && response.body == data,
                     response.text().constData());
        }
    }
    const QByteArray difference = ring.differenceAfter(MendLimit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    for (int i = 0; i < FaultyRing::Servers; ++i)
        QCOMPARE(ring.get(name(i)).body, data);
}

void TestMending::serverThatNeverAnswersCostsNoDescriptors()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({2}));
    QCOMPARE(ring.upload("silent/before", Old).status, 200);
    ring.front(2).on("POST", "/v1/fs/silent/", Fault::holdResponse());
    int number = 0;
    const auto uploads = [&](int count) {
        for (int i = 0; i < count; ++i) {
            const HttpResponse stored = ring.upload("silent/file" + QByteArray::number(number++), New);
            QVERIFY2(stored.status == 200 && stored.tookMs <= WorstMs, stored.text().constData());
        }
    };
    // Until it is known, each upload leaves it one connection that waits for its answer.
    uploads(5);
    QTest::qWait(4'000); // the time that a server has for its answer
    const int before = ring.ring().openFiles();
    for (int round = 0; round < 4; ++round) {
        uploads(25);
        QTest::qWait(500); // that of a breaker's pause
    }
    const int after = ring.ring().openFiles();
    qInfo("%d descriptors before, %d after 100 uploads", before, after);
    // A trial now and then.
    QVERIFY2(after <= before + 10, qPrintable(QString::number(after)));
    QCOMPARE(ring.get("silent/file50").body, New);
}

/// What a server owes of a delete goes entry by entry when there is something newer in the folder.
void TestMending::largeFolderDeleteIsCarriedThroughGently()
{
    constexpr int entries = 1'000;
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.makeFolder("d").status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    for (int index = 0; index < FaultyRing::Servers; ++index) {
        for (int i = 0; i < entries; ++i) {
            QFile file(ring.diskPath(index, "d/entry" + QByteArray::number(i)));
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write("entry") == 5);
        }
    }
    ring.at(2).kill9();
    QVERIFY(spinUntil([&] { return !ring.isUp(2); }, 5'000));
    QCOMPARE(ring.remove("d").status, 200);
    QCOMPARE(ring.upload("d/newer", New).status, 200);
    CRING_OK(ring.at(2).start());
    int most = 0;
    qint64 worst = 0;
    QStringList left;
    (void)spinUntil(
        [&] {
            const HttpResponse small = ring.client().request("GET", "/v1/public/jwks");
            if (small.status != 200)
                QTest::qFail(small.text().constData(), __FILE__, __LINE__);
            worst = std::max(worst, small.tookMs);
            most = std::max(most, ring.ring().openFiles());
            left = QDir(ring.diskPath(2, "d")).entryList(QDir::Files);
            return QTest::currentTestFailed() || left == QStringList{QStringLiteral("newer")};
        },
        MendLimit);
    qInfo("at most %d descriptors, a small request took at most %lld ms", most,
          static_cast<long long>(worst));
    QVERIFY2(left == QStringList{QStringLiteral("newer")},
             qPrintable(QStringLiteral("%1 entries left").arg(left.size())));
    QVERIFY2(most < 200, qPrintable(QString::number(most)));
    QVERIFY2(worst < 500, qPrintable(QString::number(worst)));
    QCOMPARE(ring.get("d/newer").body, New);
    QCOMPARE(ring.names("d"), QStringList{QStringLiteral("newer")});
}

QTEST_GUILESS_MAIN(TestMending)
#include "tst_mending.moc"
