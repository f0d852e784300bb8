// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/accountsnapshot.h"

#include <QDateTime>
#include <QTest>

using namespace cring;
using namespace cring::backup;

/// What the accounts' files are read with comes back from a snapshot, with the kit that it was made for
/// alone.
class TestAccountSnapshot : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void itOpensWithItsKitAlone();
    void damageIsTold_data();
    void damageIsTold();
    void theDigestIsOfWhatWouldBeLost();
    void keysTellTheirTime();
    void theLastThirtyAndAYearOfMonthsAreKept();
    void aFortnightIsKeptWhateverComesInADay();
    void oneKitsArePushedOutByNoOthers();

private:
    static AccountSnapshot sample();
};

AccountSnapshot TestAccountSnapshot::sample()
{
    AccountSnapshot snapshot;
    snapshot.madeMs = 1'750'000'000'000;
    snapshot.accountCount = 2;
    snapshot.synchronisedMs = 1'749'999'999'000;
    snapshot.issuer = "http://localhost:35354";
    snapshot.serverKey = std::make_shared<const Secret>(QByteArray("the server's key"));
    snapshot.accounts = QByteArray(100'000, 'a') + '\0' + "rows";
    snapshot.floors = {{"id/name", 7}, {"id/other", (1ULL << 53) + 1}};
    return snapshot;
}

void TestAccountSnapshot::itOpensWithItsKitAlone()
{
    const RecoveryKit kit = RecoveryKit::make();
    const AccountSnapshot snapshot = sample();
    const auto sealed = snapshot.seal(kit.publicHalf());
    QVERIFY(sealed);
    QCOMPARE(AccountSnapshot::sealedFor(*sealed), kit.publicHalf());
    for (const QByteArray &secret :
         {QByteArray("the server's key"), QByteArray("aaaaaaaa"), QByteArray("localhost")})
        QVERIFY(!sealed->contains(secret));
    const auto opened = AccountSnapshot::open(kit, *sealed);
    QVERIFY(opened);
    QCOMPARE(opened->digest(), snapshot.digest());
    QCOMPARE(opened->accounts, snapshot.accounts);
    QCOMPARE(opened->issuer, snapshot.issuer);
    QCOMPARE(opened->serverKey->view().toByteArray(), snapshot.serverKey->view().toByteArray());
    QCOMPARE(opened->floors, snapshot.floors);
    QCOMPARE(opened->madeMs, snapshot.madeMs);
    QCOMPARE(opened->accountCount, snapshot.accountCount);
    QCOMPARE(opened->synchronisedMs, snapshot.synchronisedMs);
    const RecoveryKit other = RecoveryKit::make();
    const auto refused = AccountSnapshot::open(other, *sealed);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, Code::SnapshotInvalid);
    for (const RecoveryKit *one : {&kit, &other})
        QVERIFY(refused.error().detail.contains(QString::fromLatin1(kitName(one->publicHalf()))));
}

void TestAccountSnapshot::damageIsTold_data()
{
    QTest::addColumn<int>("from"); // the end, where negative
    QTest::addColumn<int>("size"); // 0: a bit is turned
    QTest::newRow("empty") << 0 << -1;
    QTest::newRow("the beginning alone") << 30 << -1;
    QTest::newRow("the head alone") << 53 << -1;
    QTest::newRow("cut off") << -1 << -1;
    QTest::newRow("a bit of the magic") << 3 << 0;
    QTest::newRow("a bit of the sealed key") << 60 << 0;
    QTest::newRow("a bit in the middle") << 5'000 << 0;
    QTest::newRow("the last bit") << -1 << 0;
}

void TestAccountSnapshot::damageIsTold()
{
    QFETCH(int, from);
    QFETCH(int, size);
    const RecoveryKit kit = RecoveryKit::make();
    auto sealed = sample().seal(kit.publicHalf());
    QVERIFY(sealed);
    const qsizetype at = from < 0 ? sealed->size() + from : from;
    if (size < 0)
        sealed->truncate(at);
    else
        (*sealed)[at] = static_cast<char>((*sealed)[at] ^ 1);
    const auto opened = AccountSnapshot::open(kit, *sealed);
    QVERIFY(!opened);
    QCOMPARE(opened.error().code, Code::SnapshotInvalid);
}

void TestAccountSnapshot::theDigestIsOfWhatWouldBeLost()
{
    const AccountSnapshot snapshot = sample();
    AccountSnapshot later = snapshot;
    later.madeMs += 60'000;
    later.synchronisedMs += 60'000;
    QCOMPARE(later.digest(), snapshot.digest());
    const auto changed = [&](auto change) {
        AccountSnapshot other = snapshot;
        change(other);
        return other.digest() != snapshot.digest();
    };
    QVERIFY(changed([](AccountSnapshot &one) { one.accounts += 'x'; }));
    QVERIFY(changed([](AccountSnapshot &one) { one.issuer += '/'; }));
    QVERIFY(changed([](AccountSnapshot &one) { one.serverKey.reset(); }));
    QVERIFY(changed([](AccountSnapshot &one) { one.floors["id/name"] = 8; }));
    QVERIFY(changed([](AccountSnapshot &one) { one.floors["new"] = 0; }));
}

void TestAccountSnapshot::keysTellTheirTime()
{
    const QByteArray kit("\x01\x02\xfe\xff more");
    const QByteArray key = AccountSnapshot::keyFor(1'769'860'800'000, kit, 0xabc);
    QCOMPARE(key, QByteArray(".charmedring/accounts/20260131T120000.000Z-0102feff-0000000000000abc.sealed"));
    QCOMPARE(AccountSnapshot::timeOf(key), 1'769'860'800'000);
    QCOMPARE(AccountSnapshot::kitTagOf(key), AccountSnapshot::kitTag(kit));
    QCOMPARE(AccountSnapshot::kitTagOf(".charmedring/accounts/20260131T120000.000Z-0000000000000abc.sealed"),
             QByteArray()); // as earlier releases named them
    // Of two in one second the later one is the newer one, whatever the random number.
    QVERIFY(AccountSnapshot::keyFor(1'769'860'800'001, {}, 0) > key);
    for (const QByteArray &other : {QByteArray(), QByteArray("20260131T120000.000Z-0.sealed"),
                                    QByteArray(".charmedring/accounts/other"),
                                    QByteArray(".charmedring/accounts/20260131T1200Z-0.sealed"),
                                    QByteArray(".charmedring/accounts/20260131T120000.000Z-0.sealed.old")})
        QCOMPARE(AccountSnapshot::timeOf(other), -1);
}

void TestAccountSnapshot::theLastThirtyAndAYearOfMonthsAreKept()
{
    const QDateTime now(QDate(2026, 11, 30), QTime(12, 0), Qt::UTC);
    QList<QByteArray> keys{".charmedring/accounts/a person's own note"};
    for (int day = 0; day < 800; ++day)
        keys.append(
            AccountSnapshot::keyFor(now.addDays(-day).toMSecsSinceEpoch(), {}, static_cast<quint64>(day)));
    const QList<QByteArray> drop = snapshotsToDrop(keys, now.toMSecsSinceEpoch());
    QVERIFY(!drop.contains(keys.first()));
    QStringList kept;
    for (const QByteArray &key : keys) {
        if (!drop.contains(key) && AccountSnapshot::timeOf(key) >= 0)
            kept << QDateTime::fromMSecsSinceEpoch(AccountSnapshot::timeOf(key), Qt::UTC)
                        .toString(QStringLiteral("yyyy-MM-dd"));
    }
    // All of November, and the newest one of each month since December.
    QCOMPARE(kept.size(), 30 + 11);
    QCOMPARE(kept.first(), QStringLiteral("2026-11-30"));
    QCOMPARE(kept.at(30), QStringLiteral("2026-10-31"));
    QCOMPARE(kept.last(), QStringLiteral("2025-12-31"));
    QCOMPARE(snapshotsToDrop(keys.mid(0, 31), now.toMSecsSinceEpoch()), QList<QByteArray>());
}

/// A busy hour does not push yesterday out.
void TestAccountSnapshot::aFortnightIsKeptWhateverComesInADay()
{
    const QDateTime now(QDate(2026, 11, 30), QTime(12, 0), Qt::UTC);
    QList<QByteArray> keys;
    for (int minute = 0; minute < 20 * 1440; ++minute)
        keys.append(AccountSnapshot::keyFor(now.addSecs(-60 * minute).toMSecsSinceEpoch(), {}, 1));
    const QList<QByteArray> drop = snapshotsToDrop(keys, now.toMSecsSinceEpoch());
    QCOMPARE(keys.size() - drop.size(), 30 + 22 + 12); // the last ones, and by hours and days
    for (int day = 1; day <= 13; ++day)
        QVERIFY(!drop.contains(AccountSnapshot::keyFor(
            QDateTime(QDate(2026, 11, 30).addDays(-day), QTime(23, 59), Qt::UTC).toMSecsSinceEpoch(), {},
            1)));
}

void TestAccountSnapshot::oneKitsArePushedOutByNoOthers()
{
    const QDateTime now(QDate(2026, 11, 30), QTime(12, 0), Qt::UTC);
    const QByteArray quiet = AccountSnapshot::keyFor(now.addDays(-1).toMSecsSinceEpoch(), "quiet", 1);
    QList<QByteArray> keys{quiet};
    for (int minute = 0; minute < 3'000; ++minute)
        keys.append(AccountSnapshot::keyFor(now.addSecs(-60 * minute).toMSecsSinceEpoch(), "busy", 1));
    const QList<QByteArray> drop = snapshotsToDrop(keys, now.toMSecsSinceEpoch());
    QVERIFY(!drop.contains(quiet));
    QCOMPARE(keys.size() - drop.size(), 1 + 30 + 22 + 1); // and by hours and days
}

QTEST_GUILESS_MAIN(TestAccountSnapshot)
#include "tst_accountsnapshot.moc"
