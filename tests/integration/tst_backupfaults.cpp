// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/backupring.h"
#include "tests/support/smalldisk.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QJsonDocument>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// Whatever the S3 server does meanwhile, and however often the ring is killed: in the end the bucket equals
/// the servers' files.
class TestBackupFaults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everythingArrives_data();
    void everythingArrives();
    void anOlderVersionThatLandsLateIsPutRight();
    void aDeleteIsDoneAgainWhenAnUploadLandsAfterIt();
    void wrongKeysAreSaidAndWaitedFor();
    void anExpiredTokenIsSaidAndWaitedFor();
    void aMissingBucketIsSaidAndWaitedFor();
    void aFullServerGetsAllWhenThereIsRoom();
    void aSlowServerGetsAll();
    void aServerThatIsKilledAndStoppedGetsAll();

private:
    static Status sendOneLate(BackupRing &backup);
    static Fault s3Error(int status, const char *code);
};

namespace {

constexpr int Limit = 60'000;
/// Later than what is late.
const QString SlowLook = QStringLiteral("\n[timing]\nprobe_interval = \"400ms\"\nsecond_look = \"10s\"\n");

/// Why the bucket is not used now.
QString reason(BackupRing &backup)
{
    return backup.status().value(QStringLiteral("reason")).toString();
}

} // namespace

Fault TestBackupFaults::s3Error(int status, const char *code)
{
    return Fault::status(status,
                         QByteArray("<?xml version=\"1.0\"?><Error><Code>") + code +
                             "</Code><Message>as the test wants it</Message></Error>",
                         "application/xml");
}

void TestBackupFaults::everythingArrives_data()
{
    QTest::addColumn<int>("operations");
    QTest::newRow("240 operations") << 240;
    QTest::newRow("2000 operations") << 2'000;
}

void TestBackupFaults::everythingArrives()
{
    QFETCH(int, operations);
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    backup.standBetween();
    CRING_OK(backup.startRing());
    const QList<std::pair<QByteArray, Fault>> faults{
        {"PUT", s3Error(500, "InternalError")}, {"PUT", s3Error(503, "SlowDown")},
        {"PUT", s3Error(403, "AccessDenied")},  {"DELETE", s3Error(500, "InternalError")},
        {"PUT", Fault::loseResponse()},         {"DELETE", Fault::loseResponse()},
        {"PUT", Fault::cutRequest(100)},        {"PUT", Fault::delayEnd(700)}};
    const int share = operations / static_cast<int>(faults.size());
    quint32 seed = 100;
    for (const auto &[method, fault] : faults) {
        // Of whatever the background does meanwhile, too: two of three requests, as often as it takes.
        backup.front().on(method, "/", fault, 40);
        QCOMPARE(mixedLoad(backup.ring(), share, ++seed), QByteArray());
        CRING_OK(backup.ring().killAndRestartRing());
        backup.front().clearRules();
    }
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
}

/// A version of "file" whose end is still on its way to the bucket, from a ring that was killed.
Status TestBackupFaults::sendOneLate(BackupRing &backup)
{
    if (Status started = backup.startServers(); !started)
        return started;
    backup.standBetween();
    if (Status started = backup.startRing({}, SlowLook, {}, FaultyRing::Pace::Default); !started)
        return started;
    const bool first =
        backup.ring().upload("file", "first").status == 200 && backup.differenceAfter(Limit).isEmpty();
    // The look at a new bucket writes, too.
    const QByteArray file = QByteArray("/") + BackupRing::kBucket + '/' +
                            backup.ring().cluster().client().run({QStringLiteral("id")}).out.trimmed() +
                            "/file";
    backup.front().on("PUT", file, Fault::delayEnd(5'000), 1);
    const bool second = backup.ring().upload("file", "second, which is late").status == 200;
    if (!first || !second ||
        !spinUntil([&] { return backup.front().requests("PUT", file).size() >= 2; }, Limit))
        return Error{Code::BackendAnswer, QStringLiteral("the bucket did not get both versions")};
    return backup.ring().killAndRestartRing();
}

/// The end of an upload reaches the server after the ring was killed, and after the next version.
void TestBackupFaults::anOlderVersionThatLandsLateIsPutRight()
{
    BackupRing backup(3);
    CRING_OK(sendOneLate(backup));
    QCOMPARE(backup.ring().upload("file", "third").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    // It lands, and is noticed at the second look.
    QVERIFY(spinUntil([&] { return !backup.difference().isEmpty(); }, Limit));
    QCOMPARE(backup.differenceAfter(90'000), QByteArray());
}

void TestBackupFaults::aDeleteIsDoneAgainWhenAnUploadLandsAfterIt()
{
    BackupRing backup(3);
    CRING_OK(sendOneLate(backup));
    QCOMPARE(backup.ring().remove("file").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    QVERIFY(spinUntil([&] { return !backup.difference().isEmpty(); }, Limit));
    QCOMPARE(backup.differenceAfter(90'000), QByteArray());
}

/// Nothing that was accepted is lost by it, and no key is in what is said.
void TestBackupFaults::wrongKeysAreSaidAndWaitedFor()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    const QString key = backup.ring().cluster().path() + QStringLiteral("/s3-secret");
    QFile file(key);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write("wrong-secret-key") > 0);
    file.close();
    CRING_OK(backup.ring().killAndRestartRing());
    QCOMPARE(backup.ring().upload("file", "data").status, 200);
    QVERIFY(spinUntil([&] { return !reason(backup).isEmpty(); }, Limit));
    QVERIFY2(reason(backup).contains(QStringLiteral("secret key")), qPrintable(reason(backup)));
    QVERIFY(!reason(backup).contains(QStringLiteral("wrong-secret-key")));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(S3Server::kSecretKey) > 0);
    file.close();
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    const auto log = backup.ring().ring().runCommand({QStringLiteral("log")});
    QVERIFY(!log.out.contains("wrong-secret-key") && !log.out.contains(S3Server::kSecretKey));
}

void TestBackupFaults::anExpiredTokenIsSaidAndWaitedFor()
{
    BackupRing backup(2);
    CRING_OK(backup.startServers());
    backup.standBetween();
    CRING_OK(backup.startRing());
    backup.front().on("", "/", s3Error(400, "ExpiredToken"));
    QCOMPARE(backup.ring().upload("file", "data").status, 200);
    QVERIFY(spinUntil([&] { return reason(backup).contains(QStringLiteral("expired")); }, Limit));
    const qsizetype tries = backup.front().requests().size();
    spinUntil([] { return false; }, 1'500);
    QVERIFY(backup.front().requests().size() <= tries + 3); // no loop
    backup.front().clearRules();
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
}

void TestBackupFaults::aMissingBucketIsSaidAndWaitedFor()
{
    BackupRing backup(2);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    const QString bucket = backup.s3().bucketFolder(QLatin1String(BackupRing::kBucket));
    QVERIFY(QDir().rename(bucket, bucket + QStringLiteral(".away")));
    QCOMPARE(backup.ring().upload("file", "data").status, 200);
    QVERIFY(spinUntil([&] { return reason(backup).contains(QLatin1String(BackupRing::kBucket)); }, Limit));
    QVERIFY2(reason(backup).contains(QStringLiteral("bucket")), qPrintable(reason(backup)));
    QVERIFY(QDir().rename(bucket + QStringLiteral(".away"), bucket));
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
}

void TestBackupFaults::aFullServerGetsAllWhenThereIsRoom()
{
    SmallDisk disk(20'000'000);
    CRING_OK(disk.made());
    BackupRing backup(2, S3Server::Make::Versitygw, {.folder = disk.path()});
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    QCOMPARE(mixedLoad(backup.ring(), 40, 1), QByteArray());
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    disk.fill();
    for (int i = 0; i < 8; ++i)
        QCOMPARE(backup.ring().upload("large" + QByteArray::number(i), QByteArray(50'000, 'x')).status, 200);
    const auto isBehind = [&] {
        const QJsonObject status = backup.status();
        return status.value(QStringLiteral("owed")).toInt() > 0 &&
               !(status.value(QStringLiteral("reason")).toString() +
                 status.value(QStringLiteral("objectsProblem")).toString())
                    .isEmpty();
    };
    QVERIFY2(spinUntil(isBehind, Limit), QJsonDocument(backup.status()).toJson().constData());
    disk.release();
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
}

/// As over the worst line: 1 KB/s for each upload.
void TestBackupFaults::aSlowServerGetsAll()
{
    BackupRing backup(2);
    CRING_OK(backup.startServers());
    backup.standBetween();
    CRING_OK(backup.startRing());
    backup.front().on("PUT", "/", Fault::slowly(1'000));
    QCOMPARE(backup.ring().upload("large", QByteArray(12'000, 'x')).status, 200);
    const SystemClock clock;
    const auto start = clock.steady();
    for (int i = 0; i < 20; ++i)
        QCOMPARE(backup.ring().upload("small" + QByteArray::number(i), QByteArray(1'500, 'y')).status, 200);
    const auto acknowledged = clock.steady() - start;
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    QVERIFY(clock.steady() - start > std::chrono::seconds(8));
    // Nobody but the backup has waited for it.
    QVERIFY2(acknowledged < std::chrono::seconds(4), QByteArray::number(acknowledged.count()).constData());
}

void TestBackupFaults::aServerThatIsKilledAndStoppedGetsAll()
{
    BackupRing backup(2);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    for (int round = 0; round < 3; ++round) {
        backup.s3().kill9();
        QCOMPARE(mixedLoad(backup.ring(), 30, 10 + round), QByteArray());
        CRING_OK(backup.s3().start());
        QCOMPARE(mixedLoad(backup.ring(), 10, 20 + round), QByteArray());
        backup.s3().pause();
        QCOMPARE(mixedLoad(backup.ring(), 30, 30 + round), QByteArray());
        CRING_OK(backup.ring().killAndRestartRing());
        backup.s3().resume();
    }
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
}

QTEST_GUILESS_MAIN(TestBackupFaults)
#include "tst_backupfaults.moc"
