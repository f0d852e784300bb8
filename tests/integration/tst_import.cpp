// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/spin.h"

#include <QDateTime>
#include <QDir>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// A ring that knows too little: its state is lost or old, or a server comes whose files it does not know. It
/// learns from the servers, and no version is lost by that.
class TestImport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatOneServerHasIsThereFromTheBeginning_data();
    void whatOneServerHasIsThereFromTheBeginning();
    void lostStateIsRebuilt();
    void lostStateIsRebuiltWithoutAClient();
    void versionsWithoutAQuorumAreToldAndKept();
    void nothingIsChosenWhileAServerIsAway();
    void oldStateLearnsWhatHappenedSince();
    void serverThatWasLeftOutIsGoneThrough();
    void newServersFilesAreTakenIn();
};

namespace {

constexpr int Limit = 30'000;
const QByteArray Old = FaultyRing::content(20'000, "old");
const QByteArray New = FaultyRing::content(20'000, "new");
const QByteArray Other = FaultyRing::content(20'000, "other");

const QString Often = QStringLiteral("[repair]\nscrub_interval = \"1s\"\n");

class LearningRing : public FaultyRing
{
public:
    using FaultyRing::FaultyRing;

    StateFolder state() { return StateFolder(ring()); }

    bool isImported()
    {
        return spinUntil(
            [this] {
                return state().number(QStringLiteral("SELECT count(*) FROM accounts WHERE state = 1")) == 1;
            },
            Limit);
    }
    /// A scrub that began from now on is done, and everything that it has marked is delivered.
    bool isGoneThrough()
    {
        const qint64 since = QDateTime::currentMSecsSinceEpoch();
        return spinUntil(
            [&] {
                return state().summary(QStringLiteral("scrub"), since).has_value() &&
                       state().number(QStringLiteral("SELECT count(*) FROM owed")) == 0;
            },
            Limit);
    }
    /// The same home, the same configuration.
    Status restart()
    {
        if (const Status started = ring().start(); !started)
            return started;
        if (!spinUntil([this] { return allUp(); }, Limit))
            return Error{Code::BackendUnreachable,
                         QStringLiteral("not all servers are up in the ring's eyes")};
        return {};
    }
    HttpClient directly(int server) { return HttpClient(at(server).url()); }
    int copies(const QByteArray &path, const QByteArray &data)
    {
        int number = 0;
        for (int server = 0; server < cluster().size(); ++server)
            number += onDisk(server, path) == data ? 1 : 0;
        return number;
    }
};

} // namespace

void TestImport::whatOneServerHasIsThereFromTheBeginning_data()
{
    QTest::addColumn<int>("server");
    for (int server = 0; server < FaultyRing::Servers; ++server)
        QTest::addRow("%d", server) << server;
}

/// One server has become three, and nobody has gone through the account yet: what the two new ones have not
/// says nothing.
void TestImport::whatOneServerHasIsThereFromTheBeginning()
{
    QFETCH(int, server);
    LearningRing ring;
    CRING_OK(ring.startServers());
    for (const char *path : {"/v1/fs/old", "/v1/fs/folder/inner"})
        QCOMPARE(ring.directly(server).upload(path, Old, ring.token()).status, 200);
    CRING_OK(ring.startRing({0, 1, 2}));
    QCOMPARE(ring.ring().runCommand({QStringLiteral("pause")}).exitCode, 0);
    QCOMPARE(ring.get("old").body, Old);
    QCOMPARE(ring.get("folder/inner").body, Old);
    QCOMPARE(ring.names(""), QStringList({QStringLiteral("folder"), QStringLiteral("old")}));
    QCOMPARE(ring.get("nothing").status, 404);
    // An upload that is refused is taken back, but it was not new there.
    for (int index = 0; index < FaultyRing::Servers; ++index)
        ring.front(index).on("POST", "/v1/fs/old?",
                             index == server ? Fault::loseResponse()
                                             : Fault::cutRequest(HttpClient::multipart(New).size() - 5));
    const HttpResponse refused = ring.upload("old", New);
    for (int index = 0; index < FaultyRing::Servers; ++index)
        ring.front(index).clearRules();
    QVERIFY2(refused.status == 503, refused.text().constData());
    QCOMPARE(ring.ring().runCommand({QStringLiteral("resume")}).exitCode, 0);
    HttpResponse answer;
    const auto isThere = [&] {
        answer = ring.get("old");
        return answer.status == 200 && (answer.body == Old || answer.body == New);
    };
    const bool found = spinUntil(isThere, Limit);
    const QByteArray words = answer.text() + (ring.onDisk(server, "old").isNull() ? " gone" : " on disk");
    QVERIFY2(found, words.constData());
}

/// Files on all servers, on a quorum, on one alone; an empty one beside full ones; folders.
void TestImport::lostStateIsRebuilt()
{
    LearningRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({}, Often));
    for (const char *path : {"all", "folder/all", "few", "single", "cut"})
        QCOMPARE(ring.upload(path, Old).status, 200);
    QCOMPARE(ring.makeFolder("empty").status, 200);
    QVERIFY(ring.isImported());
    QVERIFY(ring.differenceAfter(Limit).isEmpty());
    const FilesTree tree = ring.at(0).files();
    QCOMPARE(ring.ring().stop(), 0);

    QVERIFY(ring.state().remove());
    QCOMPARE(ring.directly(2).remove("/v1/fs/few", ring.token()).status, 200);
    QCOMPARE(ring.directly(1).remove("/v1/fs/single", ring.token()).status, 200);
    QCOMPARE(ring.directly(2).remove("/v1/fs/single", ring.token()).status, 200);
    QCOMPARE(ring.directly(1).remove("/v1/fs/empty", ring.token()).status, 200);
    QVERIFY(QFile::resize(ring.diskPath(1, "cut"), 0));
    CRING_OK(ring.restart());
    QCOMPARE(ring.get("all").body, Old); // brings the token
    QVERIFY(ring.isImported());
    QVERIFY2(ring.differenceAfter(Limit).isEmpty(), ring.difference().constData());
    QCOMPARE(ring.at(0).files(), tree);
    QCOMPARE(ring.state().findings(), QStringList());
    QCOMPARE(ring.names(""),
             (QStringList{QStringLiteral("all"), QStringLiteral("cut"), QStringLiteral("empty"),
                          QStringLiteral("few"), QStringLiteral("folder"), QStringLiteral("single")}));
    // Everybody is known as a holder: any one server is enough.
    QVERIFY(ring.isGoneThrough());
    QCOMPARE(ring.state().number(QStringLiteral("SELECT min(length(holders)) FROM catalogue WHERE kind = 0")),
             2 * FaultyRing::Servers);
    ring.at(0).stop();
    ring.at(1).stop();
    for (const char *path : {"all", "folder/all", "few", "single", "cut"})
        QCOMPARE(ring.get(path).body, Old);
}

/// The person's own identity says whose files these are.
void TestImport::lostStateIsRebuiltWithoutAClient()
{
    LearningRing ring;
    CRING_OK(ring.startServers());
    QCOMPARE(ring.directly(0).upload("/v1/fs/single", Old, ring.token()).status, 200);
    CringProcess::Output verified;
    // A scrub that is under way by itself is in its way.
    const auto verify = [&](int exitCode) {
        return spinUntil(
            [&] {
                verified = ring.ring().runCommand({QStringLiteral("verify")}, std::chrono::seconds(30));
                return verified.exitCode == exitCode;
            },
            Limit);
    };
    CRING_OK(ring.startRing({}, Often));
    QVERIFY2(verify(3), verified.err.constData());
    QVERIFY2(verified.err.contains("no account is known yet"), verified.err.constData());
    QVERIFY(!ring.holds(1, QStringLiteral("single")));

    const QString key = ring.cluster().client().keyFile();
    CRING_OK(ring.startRing({}, Often + QStringLiteral("[identity]\nkey = \"file:%1\"\n").arg(key)));
    QVERIFY(ring.isImported());
    QVERIFY2(ring.differenceAfter(Limit).isEmpty(), ring.difference().constData());
    QCOMPARE(ring.onDisk(2, "single"), Old);
    QVERIFY2(verify(0), verified.err.constData());
}

void TestImport::versionsWithoutAQuorumAreToldAndKept()
{
    LearningRing ring;
    CRING_OK(ring.startServers());
    for (const auto &[server, data] : {std::pair(0, Old), std::pair(1, New), std::pair(2, Other)})
        QCOMPARE(ring.directly(server).upload("/v1/fs/three", data, ring.token()).status, 200);
    for (const auto &[server, data] : {std::pair(0, Old), std::pair(1, New)})
        QCOMPARE(ring.directly(server).upload("/v1/fs/two", data, ring.token()).status, 200);
    CRING_OK(ring.startRing({}, Often));
    (void)ring.names("");
    QVERIFY(ring.isImported());
    QCOMPARE(ring.state().findings(),
             (QStringList{QStringLiteral("conflict three charm1"), QStringLiteral("conflict three charm2"),
                          QStringLiteral("conflict three charm3"), QStringLiteral("conflict two charm1"),
                          QStringLiteral("conflict two charm2")}));
    QVERIFY(ring.isGoneThrough());
    QCOMPARE(ring.copies("three", Old) + ring.copies("three", New) + ring.copies("three", Other), 3);
    QCOMPARE(ring.copies("two", Old), 1);
    QCOMPARE(ring.copies("two", New), 1);
    // They are told as what they are, kept aside, and shown where most have one.
    QCOMPARE(ring.state().findings().size(), 5);
    QVERIFY(!ring.state().findings().join(QChar()).contains(QStringLiteral("unexplained")));
    QCOMPARE(ring.state().keptVersions().size(), 5);
    QVERIFY(ring.names("").contains(QStringLiteral("three")));
    const QByteArray seen = ring.get("three").body;
    for (int i = 0; i < 5; ++i)
        QCOMPARE(ring.get("three").body, seen);

    const qint64 id = ring.state().number(
        QStringLiteral("SELECT min(id) FROM conflicts WHERE CAST(key AS TEXT) LIKE '%/three'"));
    const auto chosen =
        ring.ring().runCommand({QStringLiteral("conflicts"), QStringLiteral("choose"), QString::number(id)});
    QVERIFY2(chosen.exitCode == 0, chosen.err.constData());
    const QByteArray now = ring.get("three").body;
    QVERIFY(spinUntil([&] { return ring.copies("three", now) == 3; }, Limit));
    QCOMPARE(ring.state().keptVersions().size(), 4);
    QVERIFY(spinUntil([&] { return ring.state().findings().size() == 2; }, Limit));
}

/// What only some can say is not settled; what a quorum has is.
void TestImport::nothingIsChosenWhileAServerIsAway()
{
    LearningRing ring;
    CRING_OK(ring.startServers());
    for (const int server : {0, 1})
        QCOMPARE(ring.directly(server).upload("/v1/fs/quorum", Old, ring.token()).status, 200);
    QCOMPARE(ring.directly(0).upload("/v1/fs/open", Old, ring.token()).status, 200);
    QCOMPARE(ring.directly(2).upload("/v1/fs/open", New, ring.token()).status, 200);
    CRING_OK(ring.startRing({}, Often));
    ring.at(2).stop();
    (void)ring.names("");
    QVERIFY(spinUntil(
        [&] {
            return ring.state().number(QStringLiteral("SELECT count(*) FROM jobs WHERE kind = 'import' AND"
                                                      " state = 2 AND done > 0")) > 0;
        },
        Limit));
    QCOMPARE(ring.state().number(QStringLiteral("SELECT count(*) FROM accounts WHERE state = 1")), 0);
    QCOMPARE(ring.state().number(QStringLiteral("SELECT count(*) FROM catalogue")), 1);
    QCOMPARE(ring.onDisk(0, "open"), Old);
    QVERIFY(!ring.holds(1, QStringLiteral("open")));
    CRING_OK(ring.at(2).start());
    QVERIFY(ring.isImported());
    QVERIFY(spinUntil([&] { return ring.onDisk(2, "quorum") == Old; }, Limit));
    QCOMPARE(ring.state().findings(),
             (QStringList{QStringLiteral("conflict open charm1"), QStringLiteral("conflict open charm3")}));
    QCOMPARE(ring.onDisk(0, "open"), Old);
    QCOMPARE(ring.onDisk(2, "open"), New);
}

/// Yesterday's copy of the state directory is put back: what was stored, changed and deleted since is on the
/// servers alone.
void TestImport::oldStateLearnsWhatHappenedSince()
{
    LearningRing ring;
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({}, Often));
    for (const char *path : {"same", "longer", "gone", "kept"})
        QCOMPARE(ring.upload(path, Old).status, 200);
    QVERIFY(ring.isImported());
    QVERIFY(ring.differenceAfter(Limit).isEmpty());
    QCOMPARE(ring.ring().stop(), 0);
    QTemporaryDir backup;
    const QString copy = backup.filePath(QStringLiteral("state"));
    QVERIFY(ring.state().copyTo(copy));
    CRING_OK(ring.restart());
    const QByteArray longer = FaultyRing::content(30'000, "longer");
    QCOMPARE(ring.upload("same", New).status, 200);
    QCOMPARE(ring.upload("longer", longer).status, 200);
    QCOMPARE(ring.upload("since", New).status, 200);
    QCOMPARE(ring.remove("gone").status, 200);
    QVERIFY(ring.differenceAfter(Limit).isEmpty());
    QCOMPARE(ring.ring().stop(), 0);
    const FilesTree tree = ring.at(0).files();

    QVERIFY(ring.state().replaceBy(copy));
    CRING_OK(ring.restart());
    // What was acknowledged since, or an error, but never what it was before.
    const auto look = [&](const QByteArray &path, const QByteArray &data) {
        const HttpResponse response = ring.get(path);
        const bool whole = response.status == 200 && response.complete;
        if (whole && response.body != data)
            QTest::qFail((path + ": " + response.text()).constData(), __FILE__, __LINE__);
        return whole;
    };
    QVERIFY(spinUntil(
        [&] {
            const bool same = look("same", New);
            const bool longerToo = look("longer", longer);
            return QTest::currentTestFailed() || (same && longerToo && look("since", New));
        },
        Limit));
    QVERIFY(ring.isGoneThrough());
    QCOMPARE(ring.state().findings(), QStringList{QStringLiteral("lost gone")});
    QCOMPARE(ring.get("kept").body, Old);
    for (int server = 0; server < FaultyRing::Servers; ++server)
        QCOMPARE(ring.at(server).files(), tree);
}

/// For as long as a configuration did not name it, a server has missed everything, and others wrote to it.
void TestImport::serverThatWasLeftOutIsGoneThrough()
{
    LearningRing ring(4);
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({}, Often));
    for (int i = 0; i < 12; ++i) {
        QCOMPARE(ring.upload("file" + QByteArray::number(i), Old).status, 200);
        QCOMPARE(ring.upload("gone/file" + QByteArray::number(i), Old).status, 200);
    }
    QVERIFY(ring.isImported());
    QVERIFY(ring.isGoneThrough());
    QCOMPARE(ring.ring().stop(), 0);
    const auto left = ring.ring().options().servers.takeLast();
    CRING_OK(ring.ring().start());
    for (int i = 0; i < 6; ++i)
        QCOMPARE(ring.upload("file" + QByteArray::number(i), New).status, 200);
    QCOMPARE(ring.remove("gone").status, 200);
    QCOMPARE(ring.ring().stop(), 0);
    ring.ring().options().servers.append(left);
    CRING_OK(ring.restart());
    const auto state = [&] {
        return ring.state().number(QStringLiteral("SELECT state FROM members WHERE name = ?"),
                                   {ring.at(3).name()});
    };
    for (int i = 0; i < 12; ++i)
        QCOMPARE(ring.get("file" + QByteArray::number(i)).body, i < 6 ? New : Old);
    QVERIFY(spinUntil([&] { return state() == 0; }, Limit));
    QVERIFY(ring.isGoneThrough());
    for (int i = 0; i < 12; ++i) {
        const QByteArray path = "file" + QByteArray::number(i);
        QCOMPARE(ring.get(path).body, i < 6 ? New : Old);
        QVERIFY2(ring.copies(path, i < 6 ? New : Old) >= 3, path.constData());
        QCOMPARE(ring.copies(path, i < 6 ? Old : New), 0);
    }
    QVERIFY(!ring.holds(3, QStringLiteral("gone")));
    QCOMPARE(ring.get("gone/file3").status, 404);
}

/// A file that nobody else has is taken over; versions of files that the ring knows are kept aside.
void TestImport::newServersFilesAreTakenIn()
{
    LearningRing ring(4);
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing({}, Often));
    QCOMPARE(ring.ring().stop(), 0);
    QVERIFY(ring.state().remove());
    const auto newcomer = ring.ring().options().servers.takeLast();
    CRING_OK(ring.ring().start());
    for (int i = 0; i < 4; ++i)
        QCOMPARE(ring.upload("file" + QByteArray::number(i), Old).status, 200);
    QVERIFY(ring.isImported());
    QCOMPARE(ring.directly(3).upload("/v1/fs/mine", New, ring.token()).status, 200);
    for (int i = 0; i < 4; ++i)
        QCOMPARE(ring.directly(3).upload("/v1/fs/file" + QByteArray::number(i), Other, ring.token()).status,
                 200);
    QCOMPARE(ring.ring().stop(), 0);
    ring.ring().options().servers.append(newcomer);
    CRING_OK(ring.restart());
    QCOMPARE(ring.get("file0").body, Old); // brings the token
    QVERIFY(spinUntil([&] { return ring.copies("mine", New) >= 3; }, Limit));
    QCOMPARE(ring.get("mine").body, New);
    QVERIFY(spinUntil(
        [&] { return ring.state().number(QStringLiteral("SELECT count(*) FROM conflicts")) == 4; }, Limit));
    QVERIFY(spinUntil([&] { return ring.state().number(QStringLiteral("SELECT count(*) FROM owed")) == 0; },
                      Limit));
    for (int i = 0; i < 4; ++i) {
        const QByteArray path = "file" + QByteArray::number(i);
        QCOMPARE(ring.get(path).body, Old);
        QVERIFY2(ring.copies(path, Old) >= 3, path.constData());
    }
    QVERIFY(spinUntil(
        [&] {
            return ring.state().number(QStringLiteral("SELECT count(*) FROM members WHERE state <> 0")) == 0;
        },
        Limit));
}

QTEST_GUILESS_MAIN(TestImport)
#include "tst_import.moc"
