// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/backupring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/charmkv.h"
#include "tests/support/spin.h"

#include <QCryptographicHash>
#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// Reading when no server can give a file: from the bucket, what was acknowledged last and nothing else.
class TestArchive : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theClientReadsEverythingWithoutServers();
    void theStateIsLostAsWell();
    void ofSeveralBucketsTheNewestHolds();
    void anOlderVersionIsNeverRead();
    void aBucketThatDiesCutsTheAnswer();
    void whatServersHaveLostIsThereAndComesBack();

private:
    static void stopServers(BackupRing &backup);
    static void startServers(BackupRing &backup);
    static Status restartRing(BackupRing &backup);
    static bool loseSpool(BackupRing &backup);
    static bool owesNothing(BackupRing &backup);
    static bool isImported(BackupRing &backup);
    static FilesTree readAll(BackupRing &backup, const QByteArray &path = {});
    static FilesTree onDisk(BackupRing &backup);
    static QByteArray difference(const FilesTree &found, const FilesTree &wanted);
    static void theClientReads(BackupRing &backup, const QMap<QByteArray, QByteArray> &files);
};

namespace {

using playground::milliseconds;

constexpr int Limit = 30'000;
constexpr qint64 Large = 70LL * 1024 * 1024;

QByteArray sha256(const QByteArray &data)
{
    return QCryptographicHash::hash(data, QCryptographicHash::Sha256).toHex();
}

QString verdict(BackupRing &backup)
{
    const auto output = backup.ring().ring().runCommand({QStringLiteral("status"), QStringLiteral("--json")});
    const QJsonObject status = QJsonDocument::fromJson(output.out).object();
    return status.value(QStringLiteral("writesPossible")).toBool()
               ? QStringLiteral("writes: ") + status.value(QStringLiteral("verdict")).toString()
               : status.value(QStringLiteral("verdict")).toString();
}

} // namespace

/// Until the ring knows.
void TestArchive::stopServers(BackupRing &backup)
{
    backup.ring().cluster().stopAll();
    QVERIFY(spinUntil(
        [&] { return verdict(backup).startsWith(QStringLiteral("No server can be reached: read-only")); },
        Limit));
}

void TestArchive::startServers(BackupRing &backup)
{
    for (int i = 0; i < backup.ring().cluster().size(); ++i)
        CRING_OK(backup.ring().at(i).start());
    // A breaker may be open until the next request.
    const auto allUp = [&] {
        bool up = true;
        for (int i = 0; i < backup.ring().cluster().size(); ++i)
            up = up && backup.ring().isUp(i);
        return up;
    };
    QVERIFY2(spinUntil(allUp, Limit),
             backup.ring().ring().runCommand({QStringLiteral("status")}).out.constData());
}

/// Whichever servers are up.
Status TestArchive::restartRing(BackupRing &backup)
{
    (void)backup.ring().ring().stop();
    return backup.ring().ring().start();
}

/// Stops the ring.
bool TestArchive::loseSpool(BackupRing &backup)
{
    (void)backup.ring().ring().stop();
    QDir spool(StateFolder(backup.ring().ring()).path() + QStringLiteral("/spool"));
    const QStringList bodies = spool.entryList(QDir::Files);
    return std::ranges::all_of(bodies, [&](const QString &body) { return spool.remove(body); });
}

/// To the bucket.
bool TestArchive::owesNothing(BackupRing &backup)
{
    return spinUntil(
        [&] {
            const QJsonObject status = backup.status();
            return status.value(QStringLiteral("owed")).toInt(-1) == 0 &&
                   status.value(QStringLiteral("owedDeletes")).toInt(-1) == 0;
        },
        Limit);
}

/// The records of the account are complete.
bool TestArchive::isImported(BackupRing &backup)
{
    const StateFolder state(backup.ring().ring());
    return spinUntil(
        [&] { return state.number(QStringLiteral("SELECT count(*) FROM accounts WHERE state = 1")) == 1; },
        Limit);
}

/// Through the ring: every folder's listing, and every file in it.
FilesTree TestArchive::readAll(BackupRing &backup, const QByteArray &path)
{
    FilesTree tree;
    const QString above = path.isEmpty() ? QString() : QString::fromUtf8(path) + u'/';
    const HttpResponse listing = backup.ring().get(path);
    if (listing.status != 200 || !listing.complete)
        return {{above + QStringLiteral("status %1 ").arg(listing.status) + listing.message(), {}}};
    const QJsonArray files = listing.json().value(QStringLiteral("files")).toArray();
    for (const QJsonValue &value : files) {
        const QString name = above + value[QStringLiteral("name")].toString();
        TreeEntry entry;
        entry.isDir = value[QStringLiteral("is_dir")].toBool();
        entry.mode = static_cast<quint32>(value[QStringLiteral("mode")].toInteger()) & 07777;
        if (entry.isDir) {
            tree.insert(readAll(backup, name.toUtf8()));
        } else {
            const HttpResponse file = backup.ring().get(name.toUtf8());
            entry.mode = file.header("X-File-Mode").toUInt() & 07777;
            entry.size = value[QStringLiteral("size")].toInteger();
            entry.sha256 = file.status == 200 && file.complete ? sha256(file.body) : file.text();
        }
        tree.insert(name, entry);
    }
    return tree;
}

/// The same, as the first server has it.
FilesTree TestArchive::onDisk(BackupRing &backup)
{
    return playground::readTree(backup.ring().diskPath(0, {}));
}

/// The lines that only one of them has.
QByteArray TestArchive::difference(const FilesTree &found, const FilesTree &wanted)
{
    QStringList first = playground::toText(found).split(u'\n');
    QStringList second = playground::toText(wanted).split(u'\n');
    for (const QString &line : QStringList(first)) {
        if (second.removeOne(line))
            first.removeOne(line);
    }
    return first.isEmpty() && second.isEmpty() ? QByteArray()
                                               : (QStringLiteral("found: ") + first.join(u'\n') +
                                                  QStringLiteral("\nwanted: ") + second.join(u'\n'))
                                                     .toUtf8();
}

void TestArchive::theClientReads(BackupRing &backup, const QMap<QByteArray, QByteArray> &files)
{
    CharmClient &client = backup.ring().cluster().client();
    const auto charm = [&](const char *command, const QByteArray &path) {
        return client.run({QStringLiteral("fs"), QLatin1String(command),
                           QStringLiteral("charm:") + QString::fromUtf8(path)});
    };
    const CharmClient::Output tree = charm("tree", {});
    QVERIFY2(tree.ok(), tree.text().constData());
    QVERIFY2(!tree.out.contains("gone"), tree.out.constData());
    for (auto file = files.begin(); file != files.end(); ++file) {
        QVERIFY2(tree.out.contains(file.key().mid(file.key().lastIndexOf('/') + 1)), tree.out.constData());
        const CharmClient::Output bytes = charm("cat", file.key());
        QVERIFY2(bytes.ok(), bytes.err.constData());
        QCOMPARE(sha256(bytes.out), sha256(file.value()));
    }
    QVERIFY(!charm("cat", "gone").ok());
    const CharmClient::Output folder = charm("ls", "folder");
    QVERIFY2(folder.ok() && folder.out.contains("inner") && folder.out.contains("one"),
             folder.text().constData());
}

void TestArchive::theClientReadsEverythingWithoutServers()
{
    BackupRing backup(3);
    backup.ring().shareData();
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing({}, {}, QStringLiteral("accounts = \"standby\"\n")));
    const QMap<QByteArray, QByteArray> files{
        {"small", "a letter"},
        {"empty", ""},
        {"folder/one", FaultyRing::content(200'000, "one")},
        {"folder/inner/two", "twice"},
        {"large", FaultyRing::content(Large, "large")},
    };
    CharmClient &client = backup.ring().cluster().client();
    const QString local = backup.ring().cluster().path() + QStringLiteral("/local");
    const auto store = [&](const QByteArray &path, const QByteArray &data) {
        QFile file(local);
        const bool written =
            file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(data) == data.size();
        file.close();
        return written && client
                              .run({QStringLiteral("fs"), QStringLiteral("cp"), local,
                                    QStringLiteral("charm:") + QString::fromUtf8(path)})
                              .ok();
    };
    QVERIFY(store("small", "another letter, which is written over"));
    QVERIFY(store("gone", "deleted"));
    for (auto file = files.begin(); file != files.end(); ++file)
        QVERIFY2(store(file.key(), file.value()), file.key().constData());
    QVERIFY(client.run({QStringLiteral("fs"), QStringLiteral("rm"), QStringLiteral("charm:gone")}).ok());
    CRING_OK(storeValue(client, QStringLiteral("colour"), QStringLiteral("blue")));
    QVERIFY(owesNothing(backup));
    const auto sequence = [&](const char *method) {
        return backup.ring().client().request(method, "/v1/seq/numbers",
                                              HttpClient::bearer(backup.ring().token()));
    };
    QCOMPARE(sequence("POST").status, 200);
    const QByteArray number = sequence("POST").body;

    stopServers(backup);
    QCOMPARE(sequence("GET").body, number);
    QCOMPARE(sequence("POST").status, 503);
    QCOMPARE(backup.ring().watcher().request("GET", "/readyz").status, 503);
    theClientReads(backup, files);
    QCOMPARE(backup.ring().upload("refused", "data").status, 503);

    CRING_OK(restartRing(backup));
    const qint64 before = backup.ring().ring().residentKiB();
    theClientReads(backup, files);
    const qint64 grown = backup.ring().ring().peakKiB() - before;
    QVERIFY2(grown < 24 * 1024, QByteArray::number(grown).constData());
    // Another machine gets all key-value commits, and can make none.
    CharmClient &machine = *backup.ring().cluster().addStranger();
    CRING_OK(machine.adoptKeyOf(client));
    const CharmClient::Output synced = machine.run({QStringLiteral("kv"), QStringLiteral("sync")});
    QVERIFY2(synced.ok(), synced.text().constData());
    QCOMPARE(
        machine.run({QStringLiteral("kv"), QStringLiteral("get"), QStringLiteral("colour")}).out.trimmed(),
        QByteArray("blue"));
    QVERIFY(
        !machine.run({QStringLiteral("kv"), QStringLiteral("set"), QStringLiteral("a"), QStringLiteral("b")})
             .ok());
    // They will not come back, and are taken out of the configuration.
    playground::RingOptions &options = backup.ring().ring().options();
    const playground::RingOptions configured = options;
    options.servers.clear();
    options.serviceLines.replace(QStringLiteral("\"standby\""), QStringLiteral("\"closed\""));
    CRING_OK(restartRing(backup));
    theClientReads(backup, files);
    options = configured;
    CRING_OK(restartRing(backup));

    startServers(backup);
    QVERIFY(store("small", "a letter of today"));
    const CharmClient::Output today =
        client.run({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:small")});
    QVERIFY2(today.out == "a letter of today", today.text().constData());
    QVERIFY(owesNothing(backup));
}

/// Nothing is known but the bucket and the servers' key.
void TestArchive::theStateIsLostAsWell()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    const QByteArray longFolder = QByteArray(200, 'a') + '/' + QByteArray(200, 'b') + '/' +
                                  QByteArray(200, 'c') + '/' + QByteArray(200, 'd') + '/' +
                                  QByteArray(200, 'e');
    for (const QByteArray &path :
         {QByteArray("one"), QByteArray("folder/two"), QByteArray("folder/deep/three"), QByteArray("q%22q"),
          longFolder + "/long"})
        QCOMPARE(backup.ring().upload(path, path, 0640).status, 200);
    QCOMPARE(backup.ring().makeFolder("nothing").status, 200);
    QCOMPARE(backup.ring().upload("folder/gone", "gone").status, 200);
    QCOMPARE(backup.ring().upload("left/gone", "gone").status, 200);
    QCOMPARE(backup.ring().remove("folder/gone").status, 200);
    QCOMPARE(backup.ring().remove("left").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    const FilesTree wanted = onDisk(backup);
    QCOMPARE(wanted.size(), 13);
    stopServers(backup);
    QCOMPARE(difference(readAll(backup), wanted), QByteArray());

    const StateFolder state(backup.ring().ring());
    (void)backup.ring().ring().stop();
    QVERIFY(state.remove());
    CRING_OK(backup.ring().ring().start());
    QCOMPARE(difference(readAll(backup), wanted), QByteArray());
    QCOMPARE(backup.ring().get("folder/gone").status, 404);
    QCOMPARE(backup.ring().get("left").status, 404);
    QCOMPARE(backup.ring().get("never").status, 404);
    QCOMPARE(backup.ring()
                 .client()
                 .request("HEAD", "/v1/fs/one", HttpClient::bearer(backup.ring().token()))
                 .header("Content-Length"),
             QByteArray("3"));
    // Whose token is nobody's reads nothing.
    TokenMinter::Claims claims;
    claims.subject = backup.ring().cluster().charmId();
    claims.issuer = backup.ring().cluster().issuer();
    const QByteArray forged = TokenMinter::fromSeed(QByteArray(32, 's')).mint(claims);
    QCOMPARE(backup.ring().client().get("/v1/fs/one", forged).status, 401);
    // A bucket that cannot be asked makes no empty folder.
    backup.s3().kill9();
    const HttpResponse refused = backup.ring().get({});
    QVERIFY2(refused.status == 503 && refused.message().contains(QStringLiteral("bucket")),
             refused.text().constData());
    QCOMPARE(backup.ring().get("one").status, 503);
    CRING_OK(backup.s3().start());
    startServers(backup);
    QCOMPARE(difference(readAll(backup), wanted), QByteArray());
}

/// With the state lost nobody knows which of them is behind.
void TestArchive::ofSeveralBucketsTheNewestHolds()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    QVERIFY(QDir().mkpath(backup.s3().bucketFolder(QStringLiteral("behind"))));
    QVERIFY(playground::ChildProcess::giveTreeTo(backup.s3().bucketFolder(QStringLiteral("behind")),
                                                 playground::ChildProcess::User::Unprivileged));
    const QString behind =
        QStringLiteral("\n[[backup]]\nname = \"behind\"\nurl = \"%1\"\nbucket = \"behind\"\n"
                       "region = \"%2\"\naccess_key = \"file:%3/s3-access\"\n"
                       "secret_key = \"file:%3/s3-secret\"\n")
            .arg(backup.s3().url().toString(), QLatin1String(S3Server::kRegion),
                 backup.ring().cluster().path());
    // Before the other one, so that it is asked first.
    CRING_OK(backup.startRing({}, {}, behind));
    QCOMPARE(backup.ring().upload("folder/changed", "old").status, 200);
    QCOMPARE(backup.ring().upload("folder/both", "both").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    const auto run = backup.ring().ring().runCommand({QStringLiteral("backup"), QStringLiteral("run")},
                                                     milliseconds(30'000));
    QVERIFY2(run.exitCode == 0, (run.out + run.err).constData());
    QFile file(backup.ring().ring().configFile());
    QVERIFY(file.open(QIODevice::ReadWrite));
    const QByteArray both = file.readAll();
    const auto configure = [&](const QByteArray &text) {
        return file.seek(0) && file.resize(0) && file.write(text) == text.size() && file.flush();
    };
    QVERIFY(configure(QByteArray(both).replace(behind.toUtf8(), "\n")));
    const auto reload = [&] {
        return backup.ring().ring().runCommand({QStringLiteral("reload")}, milliseconds(30'000)).exitCode;
    };
    QCOMPARE(reload(), 0);
    QCOMPARE(backup.ring().upload("folder/changed", "new").status, 200);
    QCOMPARE(backup.ring().upload("folder/more", "more").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    backup.ring().cluster().stopAll();
    const StateFolder state(backup.ring().ring());
    (void)backup.ring().ring().stop();
    QVERIFY(state.remove());
    CRING_OK(backup.ring().ring().start());
    QVERIFY(configure(both));
    QCOMPARE(reload(), 0);
    QVERIFY(spinUntil([&] { return backup.ring().get("folder/changed").status == 200; }, Limit));
    QCOMPARE(backup.ring().get("folder/changed").body, QByteArray("new"));
    QCOMPARE(backup.ring().get("folder/both").body, QByteArray("both"));
    QCOMPARE(backup.ring().names("folder"),
             (QStringList{QStringLiteral("both"), QStringLiteral("changed"), QStringLiteral("more")}));
}

void TestArchive::anOlderVersionIsNeverRead()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    QCOMPARE(backup.ring().upload("kept", "as it is").status, 200);
    QCOMPARE(backup.ring().upload("file", "the old bytes").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    QVERIFY(isImported(backup));
    backup.s3().kill9();
    QCOMPARE(backup.ring().upload("file", "the new bytes").status, 200); // of the same length
    QCOMPARE(backup.ring().upload("new", "never in the bucket").status, 200);
    QCOMPARE(backup.ring().remove("kept").status, 200);
    backup.ring().cluster().stopAll();
    // The bucket cannot get them any more, and has the old ones.
    QVERIFY(loseSpool(backup));
    CRING_OK(backup.s3().start());
    CRING_OK(backup.ring().ring().start());
    stopServers(backup);
    for (const QByteArray &path : {QByteArray("file"), QByteArray("new")}) {
        const HttpResponse answer = backup.ring().get(path);
        QVERIFY2(answer.status == 503 && !answer.body.contains("old bytes"), answer.text().constData());
    }
    QCOMPARE(backup.ring().get("kept").status, 404);
    QCOMPARE(backup.ring().names({}), (QStringList{QStringLiteral("file"), QStringLiteral("new")}));
    startServers(backup);
    QCOMPARE(backup.ring().get("file").body, QByteArray("the new bytes"));
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
}

void TestArchive::aBucketThatDiesCutsTheAnswer()
{
    BackupRing backup(2);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    const LargeFile file(Large, "large");
    {
        HttpClient client = backup.ring().client();
        QCOMPARE(file.uploadTo(client, FaultyRing::target("large"), backup.ring().token()).status, 200);
    }
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    stopServers(backup);
    HttpClient client = backup.ring().client();
    qint64 got = 0;
    client.setBodySink([&](const QByteArray &data) {
        if (got == 0)
            backup.s3().kill9();
        got += data.size();
    });
    const HttpResponse cut = client.get(FaultyRing::target("large"), backup.ring().token());
    QCOMPARE(cut.status, 200);
    QVERIFY2(cut.cut && !cut.complete && got < Large, QByteArray::number(got).constData());
    CRING_OK(backup.s3().start());
    QCryptographicHash hash(QCryptographicHash::Sha256);
    HttpClient again = backup.ring().client();
    again.setBodySink([&](const QByteArray &data) { hash.addData(data); });
    QVERIFY(again.get(FaultyRing::target("large"), backup.ring().token()).complete);
    QCOMPARE(hash.result().toHex(), file.sha256());
}

void TestArchive::whatServersHaveLostIsThereAndComesBack()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    QCOMPARE(backup.ring().upload("other", "whole").status, 200);
    QVERIFY(isImported(backup));
    backup.ring().at(2).kill9();
    QCOMPARE(backup.ring().upload("file", "all that is left").status, 200);
    QVERIFY(owesNothing(backup));
    for (const int server : {0, 1})
        QVERIFY(QFile::remove(backup.ring().diskPath(server, "file")));
    QVERIFY(loseSpool(backup));
    CRING_OK(backup.ring().ring().start());
    QVERIFY(spinUntil([&] { return backup.ring().isUp(0) && backup.ring().isUp(1); }, Limit));
    const HttpResponse read = backup.ring().get("file");
    QVERIFY2(read.status == 200 && read.body == "all that is left", read.text().constData());
    // The servers' word holds where nothing is recorded.
    const HttpResponse never = backup.ring().get("never");
    QVERIFY2(never.status == 404, never.text().constData());
    CRING_OK(backup.ring().at(2).start());
    QVERIFY(spinUntil([&] { return backup.ring().onDisk(2, "file") == "all that is left"; }, Limit));
}

QTEST_GUILESS_MAIN(TestArchive)
#include "tst_archive.moc"
