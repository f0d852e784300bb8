// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// Changes that were refused after servers had begun with them: what was there before is there again, and was
/// never gone; what was refused does not appear; and nobody has to wait for the servers that keep silent.
class TestRollback : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsBelowARefusedPathStays();
    void refusedReadOnlyOverwriteLeavesTheOldFile_data();
    void refusedReadOnlyOverwriteLeavesTheOldFile();
    void serverThatIsNoOwnerIsNotObeyed();
    void serverThatLostItsFilesIsNotObeyed();
    void fileInDoubtIsListedOrTheListingRefused_data();
    void fileInDoubtIsListedOrTheListingRefused();
    void silentServersHoldUpNobody_data();
    void silentServersHoldUpNobody();
    void refusedFolderDeleteIsOneThing();
    void refusedFolderDeleteKeepsOlderDeletes();
    void refusedFolderIsNotThere();
    void noFolderOverAFileThatTheFirstServerKeepsQuietAbout();
};

namespace {

constexpr int MendLimit = 20'000;
const QByteArray Old = FaultyRing::content(20'000, "old");
const QByteArray New = FaultyRing::content(30'000, "new");

/// A refused overwrite is being put right: the old bytes, or for a short time none; never the new ones, and
/// never "there is no such file".
bool isOldOrRefused(const HttpResponse &response)
{
    if (response.status == 200 && response.complete)
        return response.body == Old;
    return response.status == 503 || response.cut;
}

} // namespace

void TestRollback::refusedReadOnlyOverwriteLeavesTheOldFile_data()
{
    QTest::addColumn<bool>("cut");
    QTest::newRow("all connections cut as the end leaves") << true;
    QTest::newRow("two answers lost, one server refuses") << false;
}

/// A top-level file, which cannot be written to once it is there, by a ring that has just been started.
void TestRollback::refusedReadOnlyOverwriteLeavesTheOldFile()
{
    QFETCH(bool, cut);
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.upload("file", Old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    CRING_OK(ring.startRing({0, 1, 2}));
    const auto fault = [&](int index) {
        if (cut)
            return Fault::cutRequest(HttpClient::multipart(New).size() - 5);
        return index == 2 ? Fault::early(500) : Fault::loseResponse();
    };
    for (int index = 0; index < FaultyRing::Servers; ++index)
        ring.front(index).on("POST", "/v1/fs/file?mode=292", fault(index));
    const HttpResponse refused = ring.upload("file", New, 0444);
    for (int index = 0; index < FaultyRing::Servers; ++index)
        ring.front(index).clearRules();
    QVERIFY2(refused.status == 503, refused.text().constData());

    const auto holders = [&] {
        int count = 0;
        for (int index = 0; index < FaultyRing::Servers; ++index)
            count += ring.onDisk(index, "file") == Old;
        return count;
    };
    QVERIFY2(holders() > 0, "the old file was deleted");
    (void)spinUntil(
        [&] {
            const HttpResponse response = ring.get("file");
            if (!isOldOrRefused(response))
                qWarning("%s", response.text().constData());
            return !isOldOrRefused(response) || holders() == 0 ||
                   (response.status == 200 && response.complete && holders() == FaultyRing::Servers);
        },
        MendLimit);
    QCOMPARE(holders(), FaultyRing::Servers);
    QCOMPARE(ring.get("file").body, Old);
}

/// Four servers, three of them owners. Of these one has the new file, one may have it, and the one that still
/// has the old one goes away. The fourth knows nothing of it, which says nothing.
void TestRollback::serverThatIsNoOwnerIsNotObeyed()
{
    FaultyRing ring(4);
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.upload("file", Old).status, 200);
    QList<int> owners;
    QVERIFY(spinUntil(
        [&] {
            owners.clear();
            for (int index = 0; index < 4; ++index) {
                if (ring.onDisk(index, "file") == Old)
                    owners << index;
            }
            return owners.size() == 3;
        },
        5'000));
    const int doubtful = owners[1];
    const int intact = owners[2];
    CRING_OK(ring.startRing({doubtful, intact}));
    ring.front(doubtful).on("POST", "/v1/fs/file?", Fault::loseResponse());
    ring.front(intact).on("POST", "/v1/fs/file?", Fault::early(500));
    // It goes away before anybody can read the old file there.
    ring.front(intact).on("GET", "/v1/fs/file", Fault::silent());
    const HttpResponse refused = ring.upload("file", New);
    QVERIFY2(refused.status == 503, refused.text().constData());
    ring.at(intact).kill9();
    ring.front(doubtful).clearRules();
    ring.front(intact).clearRules();

    const auto look = [&] {
        const HttpResponse response = ring.get("file");
        QVERIFY2(isOldOrRefused(response), response.text().constData());
    };
    QElapsedTimer away;
    away.start();
    (void)spinUntil(
        [&] {
            look();
            return QTest::currentTestFailed() || away.elapsed() > 8'000;
        },
        MendLimit);
    if (QTest::currentTestFailed())
        return;
    CRING_OK(ring.at(intact).start());
    const auto isOldEverywhere = [&] {
        return std::all_of(owners.begin(), owners.end(),
                           [&](int owner) { return ring.onDisk(owner, "file") == Old; });
    };
    (void)spinUntil(
        [&] {
            look();
            return QTest::currentTestFailed() || isOldEverywhere();
        },
        MendLimit);
    QVERIFY(isOldEverywhere());
    QCOMPARE(ring.get("file").body, Old);
}

/// A server whose disk was lost says "not there" of files that the others have; with a ring that has just
/// been started, and an overwrite that fails, that is no licence to delete what they have.
void TestRollback::serverThatLostItsFilesIsNotObeyed()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    // Of each another server is the one that is asked first.
    QByteArrayList names;
    for (int i = 0; i < 8; ++i)
        names << "lost" + QByteArray::number(i);
    for (const QByteArray &name : names)
        QCOMPARE(ring.upload(name, Old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    ring.stopRing();
    for (const QByteArray &name : names)
        QVERIFY(QFile::remove(ring.diskPath(0, name)));
    CRING_OK(ring.startRing({0, 2}));
    for (const QByteArray &name : names) {
        // Errors of which no server is blamed: all three take part every time.
        ring.front(0).on("POST", "/v1/fs/" + name, Fault::status(500));
        ring.front(2).on("POST", "/v1/fs/" + name, Fault::early(500));
        const HttpResponse refused = ring.upload(name, New);
        QVERIFY2(refused.status == 503, refused.text().constData());
        ring.front(0).clearRules();
        ring.front(2).clearRules();
    }
    QByteArrayList wrong;
    const auto look = [&](bool onDisks) {
        wrong.clear();
        for (const QByteArray &name : names) {
            const HttpResponse response = ring.get(name);
            if (response.status != 200 || response.body != Old)
                wrong << name + ": " + response.text();
            for (int index = 0; onDisks && index < FaultyRing::Servers; ++index) {
                if (ring.onDisk(index, name) != Old)
                    wrong << name + " is not as it was on " + ring.at(index).name().toUtf8();
            }
        }
        return wrong.isEmpty();
    };
    (void)spinUntil([&] { return look(false); }, MendLimit);
    QVERIFY2(wrong.isEmpty(), wrong.join('\n').constData());
    (void)spinUntil([&] { return look(true); }, 2 * MendLimit);
    QVERIFY2(wrong.isEmpty(), wrong.join('\n').constData());
}

void TestRollback::fileInDoubtIsListedOrTheListingRefused_data()
{
    QTest::addColumn<bool>("known");
    QTest::addColumn<bool>("there");
    for (const bool known : {true, false}) {
        for (const bool there : {true, false})
            QTest::addRow("%s file, copies in doubt %s", known ? "known" : "unknown",
                          there ? "there" : "gone")
                << known << there;
    }
}

/// Two copies are in doubt (and while they are mended such a copy is gone for an instant, or for longer when
/// that fails), the third server is down.
void TestRollback::fileInDoubtIsListedOrTheListingRefused()
{
    QFETCH(bool, known);
    QFETCH(bool, there);
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({0, 1, 2}));
    QCOMPARE(ring.upload("folder/file", Old).status, 200);
    QCOMPARE(ring.upload("folder/other", Old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    if (!known)
        CRING_OK(ring.startRing({0, 1, 2}));
    for (const int doubtful : {0, 1})
        ring.front(doubtful).on("POST", "/v1/fs/folder/file?", Fault::loseResponse());
    ring.front(2).on("POST", "/v1/fs/folder/file?", Fault::early(500));
    ring.front(2).on("GET", "/v1/fs/folder/file", Fault::silent());
    const HttpResponse refused = ring.upload("folder/file", New);
    QVERIFY2(refused.status == 503, refused.text().constData());
    ring.at(2).kill9();
    for (int index = 0; index < FaultyRing::Servers; ++index)
        ring.front(index).clearRules();
    for (const int doubtful : {0, 1}) {
        if (!there)
            QVERIFY(QFile::remove(ring.diskPath(doubtful, "folder/file")));
    }

    const auto look = [&] {
        const HttpResponse listing = ring.get("folder");
        QVERIFY2(listing.status == 503 ||
                     (listing.status == 200 && listing.complete && listing.body.contains(R"("file")")),
                 listing.text().constData());
        const HttpResponse response = ring.get("folder/file");
        QVERIFY2(isOldOrRefused(response), response.text().constData());
    };
    QElapsedTimer away;
    away.start();
    (void)spinUntil(
        [&] {
            look();
            return QTest::currentTestFailed() || away.elapsed() > 4'000;
        },
        MendLimit);
    if (QTest::currentTestFailed())
        return;
    CRING_OK(ring.at(2).start());
    (void)spinUntil(
        [&] {
            look();
            return QTest::currentTestFailed() || ring.difference().isEmpty();
        },
        MendLimit);
    QVERIFY2(ring.difference().isEmpty(), ring.difference().constData());
    QCOMPARE(ring.get("folder/file").body, Old);
    QCOMPARE(ring.names("folder"), QStringList({QStringLiteral("file"), QStringLiteral("other")}));
}

void TestRollback::silentServersHoldUpNobody_data()
{
    QTest::addColumn<QByteArray>("above");
    QTest::newRow("the folder above is deleted") << QByteArray("held");
    QTest::newRow("all files of the account are deleted") << QByteArray();
}

/// Two servers have taken a whole upload and leave its answer open for ever; of all else they do their part.
void TestRollback::silentServersHoldUpNobody()
{
    QFETCH(QByteArray, above);
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({0, 1, 2}));
    QCOMPARE(ring.upload("held/other", Old).status, 200);
    for (const int silent : {0, 1})
        ring.front(silent).on("POST", "/v1/fs/held/file?", Fault::holdResponse(), 1);
    const HttpResponse first = ring.upload("held/file", Old);
    QVERIFY2(first.status == 503 && first.tookMs <= 10'000, first.text().constData());

    UnderWay second = UnderWay::upload(ring, "held/file", New);
    // It is under way, or refused already.
    (void)spinUntil([&] { return ring.front(2).requests("POST", "/v1/fs/held/file?").size() == 2; }, 1'000);
    UnderWay read = UnderWay::get(ring, "held/file");
    UnderWay listing = UnderWay::get(ring, "held");
    UnderWay removal = UnderWay::remove(ring, above);
    UnderWay elsewhere = UnderWay::upload(ring, "elsewhere/file", New);
    for (auto [name, request, limit] : {std::tuple("read", &read, 8'000),
                                        {"listing", &listing, 8'000},
                                        {"delete above", &removal, 8'000},
                                        {"second upload", &second, 12'000}}) {
        const HttpResponse response = request->within(limit);
        const bool answered = response.status > 0 && response.complete &&
                              (response.status != 503 || !response.message().isEmpty());
        QVERIFY2(answered, (QByteArray(name) + ": " + response.text()).constData());
        QVERIFY2(request != &second || response.status == 200 || response.status == 503,
                 response.text().constData());
    }
    const HttpResponse stored = elsewhere.within(12'000);
    QVERIFY2(stored.status == 200, stored.text().constData());
    QCOMPARE(ring.upload("elsewhere/file", Old).status, 200);
    QCOMPARE(ring.get("elsewhere/file").body, Old);
}

/// Two servers can delete only a part of the folder. What is still shown can be read, and stays; what is not
/// is gone.
void TestRollback::refusedFolderDeleteIsOneThing()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    const QByteArrayList paths = {"d/a", "d/b", "d/m/x", "d/z"};
    for (const QByteArray &path : paths)
        QCOMPARE(ring.upload(path, Old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    const auto readOnly = QFile::ReadOwner | QFile::ExeOwner | QFile::ReadOther | QFile::ExeOther;
    for (const int index : {1, 2})
        QVERIFY(QFile::setPermissions(ring.diskPath(index, "d/m"), readOnly));
    const HttpResponse refused = ring.remove("d");
    QVERIFY2(refused.status >= 500 && refused.complete, refused.text().constData());

    const auto listed = [&] {
        const QStringList inner = ring.names("d/m");
        return ring.names("d") +
               (inner.contains(QStringLiteral("x")) ? QStringList{QStringLiteral("m/x")} : QStringList{});
    };
    QByteArrayList shown;
    const QStringList namesThen = listed();
    for (const QByteArray &path : paths) {
        if (ring.get(path).status == 200 || namesThen.contains(QString::fromUtf8(path.mid(2))))
            shown << path;
    }
    QByteArrayList wrong;
    const auto look = [&](bool onDisks) {
        wrong.clear();
        const QStringList names = listed();
        for (const QByteArray &path : paths) {
            const HttpResponse response = ring.get(path);
            const bool inListing = names.contains(QString::fromUtf8(path.mid(2)));
            if (response.status == 200 && (response.body != Old || !inListing))
                wrong << path + " is read, but wrong or not listed: " + response.text();
            else if (response.status != 200 && shown.contains(path))
                wrong << path + " was shown, and cannot be read: " + response.text();
            else if (response.status != 200 && (response.status != 404 || inListing))
                wrong << path + " is neither there nor gone: " + response.text();
            for (int index = 0; index < FaultyRing::Servers; ++index) {
                if (onDisks && response.status == 404 && !ring.onDisk(index, path).isNull())
                    wrong << path + " is gone, but not on " + ring.at(index).name().toUtf8();
            }
        }
        return wrong.isEmpty();
    };
    (void)spinUntil([&] { return look(false); }, MendLimit);
    // A server may carry it through when it can.
    for (const int index : {1, 2}) {
        if (QFileInfo::exists(ring.diskPath(index, "d/m")))
            QVERIFY(QFile::setPermissions(ring.diskPath(index, "d/m"), readOnly | QFile::WriteOwner));
    }
    QVERIFY2(wrong.isEmpty(), wrong.join('\n').constData());
    (void)spinUntil([&] { return look(true); }, 2 * MendLimit);
    QVERIFY2(wrong.isEmpty(), wrong.join('\n').constData());
}

/// The folder had been deleted before, and made anew, while a server was away: that one still owes the first
/// delete when the second is refused by the others.
void TestRollback::refusedFolderDeleteKeepsOlderDeletes()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.upload("d/gone", Old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    ring.at(2).kill9();
    QCOMPARE(ring.remove("d").status, 200);
    QCOMPARE(ring.upload("d/m/x", New).status, 200);
    QCOMPARE(ring.upload("d/n", New).status, 200);
    const auto readOnly = QFile::ReadOwner | QFile::ExeOwner | QFile::ReadOther | QFile::ExeOther;
    for (const int index : {0, 1})
        QVERIFY(QFile::setPermissions(ring.diskPath(index, "d/m"), readOnly));
    const HttpResponse refused = ring.remove("d");
    for (const int index : {0, 1})
        QVERIFY(QFile::setPermissions(ring.diskPath(index, "d/m"), readOnly | QFile::WriteOwner));
    QVERIFY2(refused.status >= 500 && refused.complete, refused.text().constData());
    CRING_OK(ring.at(2).start());
    (void)spinUntil(
        [&] {
            const HttpResponse response = ring.get("d/gone");
            if (response.status == 200)
                qWarning("%s", response.text().constData());
            return response.status == 200 || ring.names("d").contains(QStringLiteral("gone")) ||
                   ring.onDisk(2, "d/gone").isNull();
        },
        MendLimit);
    QVERIFY(ring.get("d/gone").status != 200);
    QVERIFY(!ring.names("d").contains(QStringLiteral("gone")));
    QVERIFY(ring.onDisk(2, "d/gone").isNull());
}

void TestRollback::refusedFolderIsNotThere()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({0, 1}));
    for (const int index : {0, 1})
        ring.front(index).on("POST", "/v1/fs/folder", Fault::status(500, R"({"message":"internal error"})"));
    const HttpResponse refused = ring.makeFolder("folder");
    QVERIFY2(refused.status >= 500 && !refused.message().isEmpty(), refused.text().constData());
    for (const int index : {0, 1})
        ring.front(index).clearRules();
    HttpResponse response;
    QByteArray holders;
    (void)spinUntil(
        [&] {
            response = ring.get("folder");
            holders.clear();
            for (int index = 0; index < FaultyRing::Servers; ++index) {
                if (ring.holds(index, QStringLiteral("folder")))
                    holders += ring.at(index).name().toUtf8() + ' ';
            }
            return response.status == 404 && holders.isEmpty();
        },
        10'000);
    QVERIFY2(response.status == 404, response.text().constData());
    QVERIFY2(holders.isEmpty(), holders.constData());
    // The name is free.
    QCOMPARE(ring.upload("folder", New).status, 200);
    QCOMPARE(ring.get("folder").body, New);
}

void TestRollback::noFolderOverAFileThatTheFirstServerKeepsQuietAbout()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    QCOMPARE(ring.upload("file", Old).status, 200);
    QVERIFY(ring.differenceAfter(5'000).isEmpty());
    for (int quiet = 0; quiet < FaultyRing::Servers; ++quiet) {
        CRING_OK(ring.startRing({quiet}));
        ring.front(quiet).on("HEAD", "/v1/fs/file", Fault::silent());
        const HttpResponse refused = ring.makeFolder("file");
        QVERIFY2(refused.status == 409, refused.text().constData());
        QCOMPARE(ring.get("file").body, Old);
    }
}

/// A folder was deleted, something was put into it again, and then the path itself is asked for.
void TestRollback::whatIsBelowARefusedPathStays()
{
    FaultyRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({0, 1, 2}));
    QCOMPARE(ring.makeFolder("d").status, 200);
    QCOMPARE(ring.remove("d").status, 200);
    const QByteArray data = FaultyRing::content(20'000, "below");
    QCOMPARE(ring.upload("d/f", data).status, 200);
    const HttpResponse file = ring.upload("d", "a file");
    QVERIFY2(file.status == 409, file.text().constData());
    for (const int server : {0, 1})
        ring.front(server).on("POST", "/v1/fs/d?", Fault::silent());
    const HttpResponse folder = ring.makeFolder("d");
    QVERIFY2(folder.status == 503, folder.text().constData());
    for (const int server : {0, 1})
        ring.front(server).clearRules();
    QTest::qWait(5'000); // that nothing goes, only time can tell
    QCOMPARE(ring.get("d/f").body, data);
    QCOMPARE(ring.names("d"), QStringList{QStringLiteral("f")});
    for (int server = 0; server < FaultyRing::Servers; ++server)
        QVERIFY(ring.holds(server, QStringLiteral("d/f")));
}

QTEST_GUILESS_MAIN(TestRollback)
#include "tst_rollback.moc"
