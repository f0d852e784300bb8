// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/accountsnapshot.h"
#include "core/backup/s3walk.h"
#include "tests/integration/backupring.h"
#include "tests/integration/statefolder.h"
#include "tests/support/smalldisk.h"
#include "tests/support/spin.h"

#include <QDateTime>
#include <QDir>
#include <QDirIterator>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include <numeric>

using namespace cring;
using namespace cring::test;
using namespace std::chrono_literals;

/// Files come back from the bucket for a trial, and what does not is said.
class TestDrill : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void filesComeBackByThemselves();
    void whatDoesNotComeBackIsSaidAndStoredAgain();
    void theAccountsAreLookedAt();
    void aDrillThatWasKilledLeavesNothing();
    void aBucketThatIsAwayProvesNothing();
    void aDiskWithoutMuchRoomIsLeftToUploads();

private:
    using Output = CringProcess::Output;
    static Status fill(BackupRing &backup, const QString &lines = {}, bool between = false);
    static Output drill(BackupRing &backup, const QStringList &arguments = {});
    static QJsonObject summary(const Output &output);
    static QJsonObject drillStatus(BackupRing &backup);
    static QString folder(BackupRing &backup);
    static QByteArray account(BackupRing &backup);
};

namespace {

constexpr int Limit = 30'000;
/// The first drill comes half a minute after the start, when what is due has been compared.
constexpr int ByItself = 90'000;
const QList<qsizetype> kSizes{0, 1, 3'000, 100'000, 700'000, 3'000'000};

} // namespace

Status TestDrill::fill(BackupRing &backup, const QString &lines, bool between)
{
    if (Status status = backup.startServers(); !status)
        return status;
    if (between)
        backup.standBetween();
    if (Status status = backup.startRing({}, lines); !status)
        return status;
    for (const qsizetype size : kSizes) {
        const QByteArray path = "one/f" + QByteArray::number(size);
        if (backup.ring().upload(path, FaultyRing::content(size, path), size == 1 ? 0400 : 0640).status !=
            200)
            return Error{Code::BackendAnswer, QStringLiteral("an upload failed")};
    }
    // Its path is longer than a key, and than most paths of a file system.
    const QByteArray deep = (QByteArray(210, 'x') + '/').repeated(6) + "end";
    if (backup.ring().upload(deep, "deep").status != 200)
        return Error{Code::BackendAnswer, QStringLiteral("an upload failed")};
    const QByteArray difference = backup.differenceAfter(Limit);
    return difference.isEmpty() ? Status()
                                : Status(Error{Code::BackendAnswer, QString::fromUtf8(difference)});
}

TestDrill::Output TestDrill::drill(BackupRing &backup, const QStringList &arguments)
{
    return backup.ring().ring().runCommand(
        QStringList{QStringLiteral("backup"), QStringLiteral("drill"), QStringLiteral("--json")} + arguments,
        60s);
}

QJsonObject TestDrill::summary(const Output &output)
{
    return QJsonDocument::fromJson(output.out.trimmed().split('\n').last())
        .object()
        .value(QStringLiteral("summary"))
        .toObject()
        .value(QStringLiteral("summary"))
        .toObject();
}

QJsonObject TestDrill::drillStatus(BackupRing &backup)
{
    return backup.status().value(QStringLiteral("drill")).toObject();
}

QString TestDrill::folder(BackupRing &backup)
{
    return StateFolder(backup.ring().ring()).path() + QStringLiteral("/drill");
}

QByteArray TestDrill::account(BackupRing &backup)
{
    return backup.ring().cluster().client().run({QStringLiteral("id")}).out.trimmed();
}

void TestDrill::filesComeBackByThemselves()
{
    BackupRing backup(3);
    CRING_OK(fill(backup));
    QVERIFY(!drillStatus(backup).contains(QStringLiteral("atMs")));
    QVERIFY(spinUntil([&] { return drillStatus(backup).contains(QStringLiteral("atMs")); }, ByItself));
    const QJsonObject status = drillStatus(backup);
    QCOMPARE(status.value(QStringLiteral("restored")).toInt(), static_cast<int>(kSizes.size()) + 1);
    QCOMPARE(status.value(QStringLiteral("bytes")).toInteger(),
             std::accumulate(kSizes.begin(), kSizes.end(), qint64{4}));
    QCOMPARE(status.value(QStringLiteral("problem")).toString(), QString());
    QVERIFY2(status.value(QStringLiteral("accounts")).toString().contains(QStringLiteral("no recovery kit")),
             QJsonDocument(status).toJson().constData());
    QVERIFY(!QDir(folder(backup)).exists());

    const Output output = drill(backup, {QLatin1String(BackupRing::kBucket)});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QCOMPARE(summary(output).value(QStringLiteral("restored")), status.value(QStringLiteral("restored")));
    QVERIFY(!QDir(folder(backup)).exists());
    const Output shown =
        backup.ring().ring().runCommand({QStringLiteral("backup"), QStringLiteral("status")}, 60s);
    QVERIFY2(shown.out.contains("drill: 7 files (3.8 MB) came back as they were") ||
                 shown.out.contains("drill: 7 files (3.6 MiB) came back as they were"),
             shown.out.constData());
}

void TestDrill::whatDoesNotComeBackIsSaidAndStoredAgain()
{
    BackupRing backup(3);
    CRING_OK(fill(backup));
    const QByteArray id = account(backup);
    // One is lost; one is somebody else's, whole and with a digest that fits; one has another mode.
    S3_OK(await<backup::Nothing>([&](backup::Done<backup::Nothing> done) {
        backup.client().remove({id + "/one/f3000", {}}, this, std::move(done));
    }));
    const QByteArray changed = FaultyRing::content(100'000, "another");
    const QByteArray kept = FaultyRing::content(700'000, "one/f700000");
    for (const auto &[path, bytes, mode] : {std::tuple(QByteArray("/one/f100000"), changed, "416"),
                                            std::tuple(QByteArray("/one/f700000"), kept, "511")}) {
        backup::PutRequest put;
        put.key = id + path;
        put.body = std::make_shared<backup::BytesSource>(bytes);
        put.metadata = {{"mode", mode}};
        S3_OK(await<backup::Stored>(
            [&](backup::Done<backup::Stored> done) { backup.client().put(put, this, std::move(done)); }));
    }
    Output output = drill(backup);
    QCOMPARE(output.exitCode, 6);
    const QJsonObject found = summary(output);
    QCOMPARE(found.value(QStringLiteral("unrestored")).toInt(), 3);
    QCOMPARE(found.value(QStringLiteral("restored")).toInt(), static_cast<int>(kSizes.size()) + 1 - 3);
    QStringList failures;
    for (const QJsonValue failure : found.value(QStringLiteral("failures")).toArray())
        failures << failure.toString().mid(id.size() + 1).left(40);
    failures.sort();
    QVERIFY2(failures.value(0).startsWith(QStringLiteral("one/f100000: other bytes")),
             output.out.constData());
    QVERIFY2(failures.value(1).startsWith(QStringLiteral("one/f3000: ")), output.out.constData());
    QVERIFY2(failures.value(2).startsWith(QStringLiteral("one/f700000: it came back with another")),
             output.out.constData());
    const Output status =
        backup.ring().ring().runCommand({QStringLiteral("status"), QStringLiteral("--json")}, 60s);
    const QString verdict =
        QJsonDocument::fromJson(status.out).object().value(QStringLiteral("verdict")).toString();
    QVERIFY2(verdict.contains(QStringLiteral("restore drill of charm-backup failed: 3 of 7 files")),
             qPrintable(verdict));
    // The servers have them: they are stored again.
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    output = drill(backup);
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QCOMPARE(drillStatus(backup).value(QStringLiteral("problem")).toString(), QString());
}

void TestDrill::theAccountsAreLookedAt()
{
    BackupRing backup(3);
    backup.ring().shareData();
    CRING_OK(fill(backup));
    const QString kit = backup.ring().cluster().path() + QStringLiteral("/kit.txt");
    const auto makeKit = [&](const QStringList &more) {
        return backup.ring()
            .ring()
            .runCommand(QStringList{QStringLiteral("identity"), QStringLiteral("recovery-kit"),
                                    QStringLiteral("create"), QStringLiteral("--out"), kit} +
                        more)
            .exitCode;
    };
    QCOMPARE(makeKit({}), 0);
    QVERIFY(spinUntil([&] { return backup.status().value(QStringLiteral("accountsMs")).toInteger() > 0; },
                      Limit));
    Output output = drill(backup);
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QCOMPARE(summary(output).value(QStringLiteral("accounts")).toString(), QString());

    // A newer one that the paper at hand does not open.
    backup::AccountSnapshot snapshot;
    const auto sealed = snapshot.seal(backup::RecoveryKit::make().publicHalf());
    QVERIFY(sealed.ok());
    backup::PutRequest put;
    put.key = backup::AccountSnapshot::keyFor(QDateTime::currentMSecsSinceEpoch() + 60'000, {}, 1);
    put.body = std::make_shared<backup::BytesSource>(*sealed);
    S3_OK(await<backup::Stored>(
        [&](backup::Done<backup::Stored> done) { backup.client().put(put, this, std::move(done)); }));
    output = drill(backup);
    QCOMPARE(output.exitCode, 6);
    QVERIFY2(summary(output)
                 .value(QStringLiteral("accounts"))
                 .toString()
                 .contains(QStringLiteral("opens it, and")),
             output.out.constData());
    QVERIFY(drillStatus(backup)
                .value(QStringLiteral("problem"))
                .toString()
                .startsWith(QStringLiteral("the accounts: ")));

    // All of them gone.
    backup::ObjectWalk walk(backup.client(), backup::AccountSnapshot::kPrefix);
    const auto page = await<QList<backup::ListedObject>>(
        [&](backup::Done<QList<backup::ListedObject>> done) { walk.next(std::move(done)); });
    S3_OK(page);
    QList<backup::ObjectId> all;
    for (const backup::ListedObject &object : *page)
        all.append({object.key});
    S3_OK(await<QList<backup::DeleteFailure>>([&](backup::Done<QList<backup::DeleteFailure>> done) {
        backup.client().removeAll(all, this, std::move(done));
    }));
    output = drill(backup);
    QCOMPARE(output.exitCode, 6);
    QVERIFY2(summary(output)
                 .value(QStringLiteral("accounts"))
                 .toString()
                 .contains(QStringLiteral("none is there any more")),
             output.out.constData());
}

void TestDrill::aDrillThatWasKilledLeavesNothing()
{
    BackupRing backup(3);
    CRING_OK(fill(backup, QStringLiteral("drill_interval = \"0s\"\n"), true));
    const auto holdsAFile = [&] {
        QDirIterator walk(folder(backup), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        return walk.hasNext();
    };
    backup.front().on("GET", "/", Fault::holdResponse());
    Output output = drill(backup, {QStringLiteral("--no-wait")});
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QVERIFY(spinUntil(holdsAFile, Limit));
    QCOMPARE(QFile::permissions(folder(backup)) & QFileDevice::Permissions(0x7077),
             QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
    // It goes on, from the beginning.
    backup.front().clearRules(); // what is held stays so
    CRING_OK(backup.ring().killAndRestartRing());
    QVERIFY(spinUntil([&] { return drillStatus(backup).contains(QStringLiteral("atMs")); }, Limit));
    QCOMPARE(drillStatus(backup).value(QStringLiteral("restored")).toInt(),
             static_cast<int>(kSizes.size()) + 1);
    QVERIFY(spinUntil([&] { return !QDir(folder(backup)).exists(); }, Limit));

    // Called off: at once, and nothing is left either.
    const QJsonObject before = drillStatus(backup);
    backup.front().on("GET", "/", Fault::holdResponse());
    output = drill(backup, {QStringLiteral("--no-wait")});
    QVERIFY(spinUntil(holdsAFile, Limit));
    const qint64 id = QJsonDocument::fromJson(output.out).object().value(QLatin1String("id")).toInteger();
    output = backup.ring().ring().runCommand(
        {QStringLiteral("jobs"), QStringLiteral("cancel"), QString::number(id)}, 60s);
    QVERIFY2(output.exitCode == 0, (output.out + output.err).constData());
    QVERIFY(spinUntil([&] { return !QDir(folder(backup)).exists(); }, Limit));
    QCOMPARE(drillStatus(backup), before);
}

void TestDrill::aBucketThatIsAwayProvesNothing()
{
    BackupRing backup(3);
    CRING_OK(fill(backup));
    QCOMPARE(drill(backup).exitCode, 0);
    const QJsonObject before = drillStatus(backup);
    backup.s3().kill9();
    const Output output = drill(backup);
    QCOMPARE(output.exitCode, 1);
    QVERIFY2(output.out.contains("cannot be reached"), output.out.constData());
    QCOMPARE(drillStatus(backup), before);
    QVERIFY(!QDir(folder(backup)).exists());
}

void TestDrill::aDiskWithoutMuchRoomIsLeftToUploads()
{
    SmallDisk disk(60'000'000);
    CRING_OK(disk.made());
    BackupRing backup(2);
    CRING_OK(fill(backup));
    QCOMPARE(backup.ring().ring().stop(), 0);
    QVERIFY(StateFolder(backup.ring().ring()).moveTo(disk.path() + QStringLiteral("/charmedring")));
    CRING_OK(backup.ring().restartRing());
    const Output output = drill(backup);
    QVERIFY2(output.exitCode == 1 && (output.out + output.err).contains("free, and a drill leaves uploads"),
             (output.out + output.err).constData());
    QVERIFY(!QDir(folder(backup)).exists());
    QVERIFY(!drillStatus(backup).contains(QStringLiteral("atMs")));
    QCOMPARE(backup.ring().upload("after", "data").status, 200);
}

QTEST_GUILESS_MAIN(TestDrill)
#include "tst_drill.moc"
