// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/spin.h"

#include <QDateTime>
#include <QDir>
#include <QProcess>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// What becomes of files that change behind the ring's back: what is put right by itself, what is only told,
/// and that no good copy is ever written over by a bad one.
class TestScrub : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void wipedServerIsRefilled();
    void wipedServerIsRefilledWhenItIsBack();
    void twoWipedServersAreRefilledFromTheThird();
    void restoredServerGetsWhatItMissedAndBringsNothingBack();
    void truncatedCopyIsPutRight();
    void flippedByteIsFoundByReading();
    void plantedFileIsToldAndLeftAlone();
    void fileThatAQuorumHasIsTakenOver();
    void whatAQuorumHasLostIsToldAndKept();
    void deadServerIsNotEmpty();
    void aPersonSeesWhatWasFoundAndDecides();
    void manyFilesAreGoneThroughFast();
};

namespace {

constexpr int Limit = 30'000;
const QByteArray Old = FaultyRing::content(20'000, "old");
const QByteArray New = FaultyRing::content(20'000, "new");

/// A scrub as soon as the last one has ended.
const QString Often = QStringLiteral("[repair]\nscrub_interval = \"1s\"\n");
const QString Seldom = QStringLiteral("[repair]\nscrub_interval = \"1h\"\n");
const QString OftenDeep =
    QStringLiteral("[repair]\nscrub_interval = \"1h\"\ndeep_verify_interval = \"1s\"\n");

qint64 now()
{
    return QDateTime::currentMSecsSinceEpoch();
}

class ScrubbedRing : public FaultyRing
{
public:
    /// With these files on all servers, and everything of the account known to the ring.
    Status start(const QByteArrayList &paths, const QString &settings = Often)
    {
        if (const Status servers = startServers(); !servers)
            return servers;
        if (const Status started = startRing({}, settings); !started)
            return started;
        for (const QByteArray &path : paths) {
            if (upload(path, Old).status != 200)
                return Error{Code::NoQuorum, QStringLiteral("a file was not stored")};
        }
        const bool imported = spinUntil(
            [this] {
                return state().number(QStringLiteral("SELECT count(*) FROM accounts WHERE state = 1")) == 1;
            },
            Limit);
        if (!imported || !differenceAfter(Limit).isEmpty())
            return Error{Code::NoQuorum, QStringLiteral("the account was not gone through")};
        return {};
    }

    StateFolder state() { return StateFolder(ring()); }

    /// A job that began from now on is done; what it has to say.
    QJsonObject done(const QString &kind = QStringLiteral("scrub"))
    {
        const qint64 since = now();
        std::optional<QJsonObject> summary;
        (void)spinUntil(
            [&] {
                summary = state().summary(kind, since);
                return summary.has_value();
            },
            Limit);
        return summary.value_or(QJsonObject());
    }

    /// When each file of a server was last written: what was not touched keeps its time.
    QMap<QString, QDateTime> stamps(int server)
    {
        QMap<QString, QDateTime> stamps;
        const FilesTree tree = at(server).files();
        for (auto it = tree.begin(); it != tree.end(); ++it) {
            if (!it->isDir)
                stamps.insert(it.key(), QFileInfo(at(server).filesDir() + u'/' + it.key()).lastModified());
        }
        return stamps;
    }

    HttpClient directly(int server) { return HttpClient(at(server).url()); }

    /// Into a server's own folder, past everything.
    bool plant(int server, const QByteArray &path, const QByteArray &data)
    {
        QFile file(diskPath(server, path));
        return QDir().mkpath(QFileInfo(file).path()) && file.open(QIODevice::WriteOnly) &&
               file.write(data) == data.size();
    }

    bool wipe(int server)
    {
        at(server).stop();
        return QDir(at(server).filesDir()).removeRecursively() && at(server).start().ok();
    }
};

QByteArrayList manyPaths(int count)
{
    QByteArrayList paths;
    for (int i = 0; i < count; ++i)
        paths << "folder" + QByteArray::number(i % 4) + "/file" + QByteArray::number(i);
    return paths;
}

bool copyTree(const QString &from, const QString &to)
{
    return QProcess::execute(QStringLiteral("cp"), {QStringLiteral("-a"), from, to}) == 0;
}

} // namespace

void TestScrub::wipedServerIsRefilled()
{
    ScrubbedRing ring;
    CRING_OK(ring.start(manyPaths(40)));
    QCOMPARE(ring.makeFolder("empty").status, 200);
    QVERIFY(ring.differenceAfter(Limit).isEmpty());
    const FilesTree tree = ring.at(0).files();
    const auto before = ring.stamps(0);
    QVERIFY(ring.wipe(2));
    const QByteArray difference = ring.differenceAfter(Limit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    QCOMPARE(ring.at(0).files(), tree);
    QCOMPARE(ring.stamps(0), before);
    QCOMPARE(ring.state().findings(), QStringList());
}

/// Long before the next scrub is due.
void TestScrub::wipedServerIsRefilledWhenItIsBack()
{
    ScrubbedRing ring;
    CRING_OK(ring.start(manyPaths(8), Seldom));
    const QString scrubs = QStringLiteral("SELECT count(*) FROM jobs WHERE kind = 'scrub' AND state = 2");
    const qint64 before = ring.state().number(scrubs);
    const FilesTree tree = ring.at(0).files();
    ring.at(2).stop();
    QVERIFY(spinUntil([&] { return !ring.isUp(2); }, Limit));
    QVERIFY(QDir(ring.at(2).filesDir()).removeRecursively());
    CRING_OK(ring.at(2).start());
    QVERIFY2(ring.differenceAfter(Limit).isEmpty(), ring.difference().constData());
    QCOMPARE(ring.at(2).files(), tree);
    QVERIFY(ring.state().number(scrubs) <= before + 1);
}

void TestScrub::twoWipedServersAreRefilledFromTheThird()
{
    ScrubbedRing ring;
    CRING_OK(ring.start(manyPaths(12)));
    const FilesTree tree = ring.at(1).files();
    const auto before = ring.stamps(1);
    ring.at(0).stop();
    ring.at(2).stop();
    QVERIFY(QDir(ring.at(0).filesDir()).removeRecursively());
    QVERIFY(QDir(ring.at(2).filesDir()).removeRecursively());
    CRING_OK(ring.at(0).start());
    CRING_OK(ring.at(2).start());
    const QByteArray difference = ring.differenceAfter(Limit);
    QVERIFY2(difference.isEmpty(), difference.constData());
    QCOMPARE(ring.at(1).files(), tree);
    QCOMPARE(ring.stamps(1), before);
}

/// Old versions, of the same size and of another one; files that were deleted since, alone and with their
/// folder; and none of those that came since.
void TestScrub::restoredServerGetsWhatItMissedAndBringsNothingBack()
{
    ScrubbedRing ring;
    CRING_OK(ring.start({"same", "longer", "gone", "folder/gone", "kept"}));
    QTemporaryDir backup;
    ring.at(2).stop();
    const QString files = ring.at(2).filesDir();
    QVERIFY(copyTree(files, backup.filePath(QStringLiteral("files"))));
    // As last week's copy would have it.
    for (const char *path : {"same", "longer", "gone", "folder/gone", "kept"}) {
        QFile file(backup.filePath(
            QStringLiteral("files/%1/%2").arg(ring.cluster().charmId(), QString::fromLatin1(path))));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(
            file.setFileTime(QDateTime::currentDateTime().addDays(-7), QFileDevice::FileModificationTime));
    }
    CRING_OK(ring.at(2).start());
    QVERIFY(spinUntil([&] { return ring.allUp(); }, Limit));

    const QByteArray longer = FaultyRing::content(30'000, "longer");
    QCOMPARE(ring.upload("same", New).status, 200);
    QCOMPARE(ring.upload("longer", longer).status, 200);
    QCOMPARE(ring.upload("since", New).status, 200);
    QCOMPARE(ring.remove("gone").status, 200);
    QCOMPARE(ring.remove("folder").status, 200);
    QVERIFY(ring.differenceAfter(Limit).isEmpty());
    const FilesTree tree = ring.at(0).files();
    const auto before = ring.stamps(0);

    ring.at(2).stop();
    QVERIFY(QDir(files).removeRecursively());
    QVERIFY(copyTree(backup.filePath(QStringLiteral("files")), files));
    CRING_OK(ring.at(2).start());
    // Whoever reads meanwhile gets what was acknowledged.
    QByteArrayList wrong;
    (void)spinUntil(
        [&] {
            for (const auto &[path, data] :
                 {std::pair<QByteArray, QByteArray>("same", New), {"longer", longer}, {"since", New}}) {
                const HttpResponse response = ring.get(path);
                if (!response.cut && (response.status != 200 || response.body != data))
                    wrong << path + ": " + response.text();
            }
            for (const char *path : {"gone", "folder/gone"}) {
                if (const HttpResponse response = ring.get(path); response.status != 404)
                    wrong << path + (": " + response.text());
            }
            return !wrong.isEmpty() || ring.difference().isEmpty();
        },
        Limit);
    QVERIFY2(wrong.isEmpty(), wrong.join('\n').constData());
    QVERIFY2(ring.difference().isEmpty(), ring.difference().constData());
    QCOMPARE(ring.at(0).files(), tree);
    QCOMPARE(ring.stamps(0), before);
    QCOMPARE(ring.state().findings(), QStringList());
}

void TestScrub::truncatedCopyIsPutRight()
{
    ScrubbedRing ring;
    CRING_OK(ring.start({"half", "empty"}));
    const auto before = ring.stamps(0);
    QVERIFY(QFile::resize(ring.diskPath(1, "half"), Old.size() / 2));
    QVERIFY(QFile::resize(ring.diskPath(2, "empty"), 0));
    QVERIFY(
        spinUntil([&] { return ring.onDisk(1, "half") == Old && ring.onDisk(2, "empty") == Old; }, Limit));
    QCOMPARE(ring.stamps(0), before);
}

/// Size and time tell nothing.
void TestScrub::flippedByteIsFoundByReading()
{
    ScrubbedRing ring;
    CRING_OK(ring.start({"file", "other"}, OftenDeep));
    const auto before = ring.stamps(0);
    QByteArray damaged = Old;
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
    const QDateTime time = QFileInfo(ring.diskPath(1, "file")).lastModified();
    QFile file(ring.diskPath(1, "file"));
    QVERIFY(file.open(QIODevice::ReadWrite) && file.write(damaged) == damaged.size() && file.flush());
    QVERIFY(file.setFileTime(time, QFileDevice::FileModificationTime));
    file.close();
    QStringList told;
    QVERIFY(spinUntil(
        [&] {
            told += ring.state().findings();
            return ring.onDisk(1, "file") == Old;
        },
        Limit));
    const auto events = ring.ring().runCommand({QStringLiteral("log")});
    QVERIFY2(told.contains(QStringLiteral("damage file charm2")) || events.out.contains("1 findings"),
             events.out.constData());
    QVERIFY(spinUntil([&] { return ring.state().findings().isEmpty(); }, Limit));
    QCOMPARE(ring.stamps(0), before);
    QCOMPARE(ring.onDisk(2, "file"), Old);
}

void TestScrub::plantedFileIsToldAndLeftAlone()
{
    ScrubbedRing ring;
    CRING_OK(ring.start({"folder/file"}));
    QVERIFY(ring.plant(1, "folder/stray", New));
    const QStringList expected{QStringLiteral("unexplained folder/stray charm2")};
    QVERIFY(spinUntil([&] { return ring.state().findings() == expected; }, Limit));
    (void)ring.done();
    QCOMPARE(ring.state().findings(), expected);
    QCOMPARE(ring.onDisk(1, "folder/stray"), New);
    QVERIFY(!ring.holds(0, QStringLiteral("folder/stray")));
    QVERIFY(!ring.holds(2, QStringLiteral("folder/stray")));
    QCOMPARE(ring.names("folder"), QStringList{QStringLiteral("file")});
    QVERIFY(QFile::remove(ring.diskPath(1, "folder/stray")));
    QVERIFY(spinUntil([&] { return ring.state().findings().isEmpty(); }, Limit));
}

/// Somebody has stored it past the ring: new files, and other versions of old ones.
void TestScrub::fileThatAQuorumHasIsTakenOver()
{
    ScrubbedRing ring;
    CRING_OK(ring.start({"other"}));
    const QByteArray longer = FaultyRing::content(30'000, "longer");
    for (const int server : {0, 2}) {
        QCOMPARE(ring.directly(server).upload("/v1/fs/made/new", New, ring.token()).status, 200);
        QCOMPARE(ring.directly(server).upload("/v1/fs/other", longer, ring.token()).status, 200);
    }
    QVERIFY(spinUntil([&] { return ring.onDisk(1, "made/new") == New; }, Limit));
    QVERIFY(spinUntil([&] { return ring.get("other").body == longer; }, Limit));
    QCOMPARE(ring.get("made/new").body, New);
    for (const int server : {0, 2}) {
        QCOMPARE(ring.onDisk(server, "other"), longer);
        QCOMPARE(ring.onDisk(server, "made/new"), New);
    }
    QCOMPARE(ring.state().findings(), QStringList());
}

void TestScrub::whatAQuorumHasLostIsToldAndKept()
{
    ScrubbedRing ring;
    CRING_OK(ring.start({"lost", "kept"}));
    for (const int server : {0, 1})
        QCOMPARE(ring.directly(server).remove("/v1/fs/lost", ring.token()).status, 200);
    const QStringList expected{QStringLiteral("absence lost charm1"), QStringLiteral("absence lost charm2")};
    QVERIFY(spinUntil([&] { return ring.state().findings() == expected; }, Limit));
    (void)ring.done();
    QCOMPARE(ring.state().findings(), expected);
    QCOMPARE(ring.onDisk(2, "lost"), Old);
    const auto where =
        ring.ring().runCommand({QStringLiteral("blobs"), QStringLiteral("where"), QStringLiteral("lost")});
    QVERIFY2(where.out.count("missing") == 2 && where.out.count("holds") == 1, where.out.constData());
    QVERIFY(!ring.holds(0, QStringLiteral("lost")));
    QVERIFY(!ring.holds(1, QStringLiteral("lost")));
}

/// Nothing is said of what it holds, and nothing is made of that.
void TestScrub::deadServerIsNotEmpty()
{
    ScrubbedRing ring;
    CRING_OK(ring.start(manyPaths(8)));
    QVERIFY(ring.plant(0, "stray", New));
    ring.at(1).stop();
    ring.at(2).pause();
    const QJsonObject summary = ring.done();
    QVERIFY(!summary.isEmpty());
    QCOMPARE(summary.value(QStringLiteral("unheard")).toObject().size(), 2);
    QVERIFY(!summary.contains(QStringLiteral("missing")));
    ring.at(2).resume();
    CRING_OK(ring.at(1).start());
    QVERIFY(spinUntil([&] { return ring.allUp(); }, Limit));
    (void)ring.done();
    QCOMPARE(ring.state().findings(), QStringList{QStringLiteral("unexplained stray charm1")});
}

/// By the command line alone.
void TestScrub::aPersonSeesWhatWasFoundAndDecides()
{
    ScrubbedRing ring;
    CRING_OK(ring.start({"folder/file", "lost"}, Seldom));
    const auto run = [&](const QStringList &arguments) {
        return ring.ring().runCommand(arguments, playground::milliseconds(Limit));
    };
    const auto sound = run({QStringLiteral("verify")});
    QVERIFY2(sound.exitCode == 0, (sound.err + sound.out).constData());

    QVERIFY(ring.plant(1, "57a4", New));
    QVERIFY(ring.plant(1, "planted", New));
    QVERIFY(QFile::resize(ring.diskPath(2, "folder/file"), 7));
    for (const int server : {0, 1})
        QCOMPARE(ring.directly(server).remove("/v1/fs/lost", ring.token()).status, 200);
    const auto found = run({QStringLiteral("verify"), QStringLiteral("--deep")});
    QVERIFY2(found.exitCode == 6, (found.err + found.out).constData());
    const auto list = run({QStringLiteral("findings"), QStringLiteral("list")});
    QVERIFY2(list.out.contains("unexplained") && list.out.contains("absence"), list.out.constData());
    QVERIFY(spinUntil([&] { return ring.onDisk(2, "folder/file") == Old; }, Limit));

    const QString planted = QStringLiteral("planted");
    const auto refused = run({QStringLiteral("repair"), QStringLiteral("--adopt"), planted});
    QVERIFY2(refused.exitCode == 3 && refused.err.contains("--any-name"), refused.err.constData());
    const auto forgotten = run({QStringLiteral("repair"), QStringLiteral("--forget"), planted});
    QVERIFY2(forgotten.exitCode == 0, (forgotten.err + forgotten.out).constData());
    QVERIFY(!ring.holds(1, planted));
    QCOMPARE(ring.state().keptVersions(), QByteArrayList{New});
    const auto adopted = run({QStringLiteral("repair"), QStringLiteral("--adopt"), QStringLiteral("57a4")});
    QVERIFY2(adopted.exitCode == 0, (adopted.err + adopted.out).constData());
    for (int server = 0; server < FaultyRing::Servers; ++server)
        QCOMPARE(ring.onDisk(server, "57a4"), New);
    const auto repaired = run({QStringLiteral("repair"), QStringLiteral("lost")});
    QVERIFY2(repaired.exitCode == 0, (repaired.err + repaired.out).constData());
    for (int server = 0; server < FaultyRing::Servers; ++server)
        QCOMPARE(ring.onDisk(server, "lost"), Old);
    const auto end = run({QStringLiteral("verify")});
    QVERIFY2(end.exitCode == 0, (end.err + end.out).constData());
    QCOMPARE(ring.state().findings(), QStringList());
}

/// A figure rather than a limit.
void TestScrub::manyFilesAreGoneThroughFast()
{
    constexpr int folders = 20;
    constexpr int each = 250;
    ScrubbedRing ring;
    CRING_OK(ring.startServers());
    for (int server = 0; server < FaultyRing::Servers; ++server) {
        for (int i = 0; i < folders * each; ++i)
            QVERIFY(ring.plant(server, "f" + QByteArray::number(i / each) + "/" + QByteArray::number(i),
                               "0123456789"));
    }
    CRING_OK(ring.startRing({}, QStringLiteral("[repair]\nfiles_per_second = 0\nscrub_interval = \"1s\"\n")));
    const auto took = [&](const QString &kind) {
        const qint64 since = now();
        const auto cpu = ring.ring().cpuTime();
        (void)ring.get("f0");
        QVariantList row;
        (void)spinUntil(
            [&] {
                const auto rows = ring.state().rows(
                    QStringLiteral("SELECT done, created, changed FROM jobs WHERE kind = ? AND state = 2 AND"
                                   " created >= ? AND done > 0 LIMIT 1"),
                    {kind, since - 1});
                row = rows.isEmpty() ? QVariantList() : rows.first();
                return !row.isEmpty();
            },
            4 * Limit);
        if (row.isEmpty())
            return qint64(-1);
        const qint64 ms = std::max<qint64>(1, row[2].toLongLong() - row[1].toLongLong());
        qInfo("%s: %lld paths on %d servers in %lld ms, %lld a second, %lld ms of CPU", qPrintable(kind),
              row[0].toLongLong(), FaultyRing::Servers, ms, row[0].toLongLong() * 1'000 / ms,
              static_cast<long long>((ring.ring().cpuTime() - cpu).count()));
        return row[0].toLongLong();
    };
    QCOMPARE(took(QStringLiteral("import")), qint64(folders * each + folders));
    QCOMPARE(took(QStringLiteral("scrub")), qint64(folders * each + folders));
    QCOMPARE(ring.state().findings(), QStringList());
    QCOMPARE(ring.names("f7").size(), each);
    qInfo("%lld KiB at most", static_cast<long long>(ring.ring().peakKiB()));
}

QTEST_GUILESS_MAIN(TestScrub)
#include "tst_scrub.moc"
