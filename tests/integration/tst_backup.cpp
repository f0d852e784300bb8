// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/client.h"
#include "tests/integration/backupring.h"
#include "tests/support/spin.h"

#include <QJsonArray>
#include <QSignalSpy>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// What the ring has acknowledged is in the bucket, and what was deleted is not.
class TestBackup : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyChangeReachesTheBucket_data();
    void everyChangeReachesTheBucket();
    void whatWasThereBeforeIsBroughtToo();
    void whatTheServiceReadsIsNoTransfer();
    void nothingIsLostWhenTheRingIsKilled();
    void aDeadBucketIsCaughtUpWith();
    void aBurstOfDeletesWaitsForAPerson();
};

namespace {

constexpr int Limit = 30'000;

/// "kind path" of each, one after the other.
QStringList transfers(control::Client &client)
{
    std::optional<QStringList> seen;
    client.call(QStringLiteral("transfers.list"), {}, &client, [&](const Result<QJsonObject> &result) {
        seen.emplace();
        const QJsonArray all =
            result ? result->value(QLatin1String("transfers")).toArray() : QJsonArray{QJsonObject()};
        for (const QJsonValue one : all)
            seen->append(one[QLatin1String("kind")].toString() + u' ' +
                         one[QLatin1String("path")].toString());
    });
    spinUntil([&] { return seen.has_value(); }, Limit);
    return seen.value_or(QStringList(QStringLiteral("no answer")));
}

} // namespace

void TestBackup::everyChangeReachesTheBucket_data()
{
    QTest::addColumn<S3Server::Make>("make");
    QTest::addColumn<int>("servers");
    QTest::newRow("three servers, versitygw") << S3Server::Make::Versitygw << 3;
    QTest::newRow("one server, versitygw") << S3Server::Make::Versitygw << 1;
    QTest::newRow("two servers, rclone") << S3Server::Make::Rclone << 2;
}

void TestBackup::everyChangeReachesTheBucket()
{
    QFETCH(S3Server::Make, make);
    QFETCH(int, servers);
    BackupRing backup(servers, make);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    QCOMPARE(mixedLoad(backup.ring(), 150, 11), QByteArray());
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    QVERIFY(backup.status().value(QStringLiteral("stored")).toInt() > 50);
}

/// A bucket that is configured later.
void TestBackup::whatWasThereBeforeIsBroughtToo()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.ring().startRing());
    QCOMPARE(mixedLoad(backup.ring(), 60, 12), QByteArray());
    QCOMPARE(backup.ring().upload("large", FaultyRing::content(5'000'000, "large")).status, 200);
    CRING_OK(backup.startRing());
    QCOMPARE(backup.ring().get("large").status, 200); // whose files there are, a client tells
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
}

/// A backfill would push those of people out of the list.
void TestBackup::whatTheServiceReadsIsNoTransfer()
{
    constexpr int Files = 30;
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.ring().startRing());
    for (int i = 0; i < Files; ++i)
        QCOMPARE(backup.ring().upload("many/" + QByteArray::number(i), "data").status, 200);
    CRING_OK(backup.startRing());
    control::Client client;
    QSignalSpy opened(&client, &control::Client::opened);
    client.open({backup.ring().ring().options().home + QStringLiteral("/run/charmedring/control.sock")});
    QVERIFY(spinUntil([&] { return !opened.isEmpty(); }, Limit));
    QCOMPARE(backup.ring().get("many/7").status, 200); // whose files there are, a client tells
    QSet<QString> seen;
    const auto isStored = [&] {
        for (const QString &transfer : transfers(client))
            seen.insert(transfer);
        return backup.status().value(QStringLiteral("stored")).toInt() >= Files;
    };
    QVERIFY(spinUntil(isStored, Limit));
    QCOMPARE(seen, QSet<QString>{QStringLiteral("download many/7")});
}

void TestBackup::nothingIsLostWhenTheRingIsKilled()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    for (quint32 round = 0; round < 5; ++round) {
        QCOMPARE(mixedLoad(backup.ring(), 30, 20 + round), QByteArray());
        CRING_OK(backup.ring().killAndRestartRing());
    }
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
}

void TestBackup::aDeadBucketIsCaughtUpWith()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing());
    QCOMPARE(mixedLoad(backup.ring(), 20, 30), QByteArray());
    backup.s3().kill9();
    QCOMPARE(mixedLoad(backup.ring(), 20, 31), QByteArray());
    QVERIFY(spinUntil([&] { return !backup.status().value(QStringLiteral("reason")).toString().isEmpty(); },
                      Limit));
    CRING_OK(backup.s3().start());
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    backup.s3().pause();
    QCOMPARE(mixedLoad(backup.ring(), 20, 32), QByteArray());
    backup.s3().resume();
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    QCOMPARE(backup.status().value(QStringLiteral("reason")).toString(), QString());
}

void TestBackup::aBurstOfDeletesWaitsForAPerson()
{
    BackupRing backup(3);
    CRING_OK(backup.startServers());
    CRING_OK(backup.startRing({}, QStringLiteral("hold_deletes = 10\n")));
    for (int i = 0; i < 20; ++i)
        QCOMPARE(backup.ring().upload("many/" + QByteArray::number(i), "data").status, 200);
    QCOMPARE(backup.differenceAfter(Limit), QByteArray());
    QCOMPARE(backup.ring().remove("many").status, 200);
    const auto held = [&] {
        return backup.status().value(QStringLiteral("heldDeletes")).toInt();
    };
    QVERIFY(spinUntil([&] { return held() == 21; }, Limit));
    const auto tree = backup.bucketTree();
    S3_OK(tree);
    QVERIFY(tree->size() >= 21);
    CRING_OK(backup.ring().killAndRestartRing());
    QVERIFY(spinUntil([&] { return held() == 21; }, Limit));
}

QTEST_GUILESS_MAIN(TestBackup)
#include "tst_backup.moc"
