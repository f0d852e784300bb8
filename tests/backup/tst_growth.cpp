// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/growthbook.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace cring::backup;
using namespace cring::test;
using namespace std::chrono_literals;

/// What a bucket takes in, day by day.
class TestGrowth : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oddDaysStandOut_data();
    void oddDaysStandOut();
    void aRowIsReadAsItWasWritten();
    void daysAndAccountsAreKeptApart();
    void whatIsThereIsCounted();
    void aRestartForgetsNothing();
    void aClockThatIsPutBackForgetsNothing();
    void aDayThatStandsOutIsSaidUntilTheNextIsOver();
};

namespace {

constexpr qint64 GiB = 1LL << 30;
constexpr auto kDay = 24h;
constexpr int Limit = 5'000;
const QByteArray kOne("one");
const QByteArray kTwo("two");

struct Known
{
    Known()
    {
        clock.setWall(std::chrono::hours(24 * 20'000 + 12));
        ledger.configure({{QStringLiteral("bucket"), {}}});
        book = std::make_unique<GrowthBook>(ledger, bucket(), clock);
    }

    state::BucketLedger::Bucket bucket() const { return ledger.buckets().first(); }

    void put(const QByteArray &key, qint64 size)
    {
        state::BucketLedger::Object object;
        object.size = size;
        ledger.set(bucket(), key, object);
        book->noteStored(key, size);
    }

    GrowthDay counted()
    {
        bool done = false;
        book->count(book.get(), [&] { done = true; });
        return spinUntil([&] { return done; }, Limit) ? book->days(1).value(0) : GrowthDay();
    }

    ManualClock clock;
    SystemRandom random;
    std::unique_ptr<state::Database> database = state::Database::inMemory(random);
    state::Members members{*database, clock};
    state::Catalogue catalogue{*database, members, clock};
    state::BucketLedger ledger{*database, catalogue, clock};
    std::unique_ptr<GrowthBook> book;
};

} // namespace

void TestGrowth::oddDaysStandOut_data()
{
    QTest::addColumn<qint64>("bytes");
    QTest::addColumn<QList<qint64>>("before");
    QTest::addColumn<bool>("odd");
    const QList<qint64> even(14, GiB / 2);
    QTest::newRow("as always") << GiB << even << false;
    QTest::newRow("ten times") << 5 * GiB << even << false;
    QTest::newRow("more than that") << 6 * GiB << even << true;
    QTest::newRow("little, if odd") << GiB << QList<qint64>(14, 1'000) << false;
    QTest::newRow("after idle days") << 2 * GiB << QList<qint64>(14, 0) << true;
    QTest::newRow("one large day before") << 2 * GiB << (QList<qint64>(13, 0) << 100 * GiB) << true;
    QTest::newRow("large on half the days")
        << 20 * GiB << (QList<qint64>(7, 0) + QList<qint64>(7, 4 * GiB)) << false;
    QTest::newRow("just begun") << 500 * GiB << QList<qint64>(6, 1) << false;
}

void TestGrowth::oddDaysStandOut()
{
    QFETCH(qint64, bytes);
    QFETCH(QList<qint64>, before);
    QFETCH(bool, odd);
    QCOMPARE(judgeGrowth(QDate(2026, 11, 30), bytes, before).has_value(), odd);
}

void TestGrowth::aRowIsReadAsItWasWritten()
{
    GrowthDay day{QDate(2026, 11, 30), {{kOne, {1, 2, 3, 4, 5}}, {kTwo, {6, 7LL << 50, 8, 9, 10}}}};
    const GrowthDay read = GrowthDay::parse(day.day, day.toBytes());
    QVERIFY(read.accounts == day.accounts);
    QVERIFY((read.sum() == GrowthRow{7, 2 + (7LL << 50), 11, 13, 15}));
    QVERIFY(!OldVersions::parse({}));
    OldVersions versions;
    versions.atMs = 3;
    versions.accounts[kTwo] = {12, 5LL << 50};
    const auto known = OldVersions::parse(versions.toBytes());
    QVERIFY(known && known->accounts.value(kTwo).versions == 12 &&
            known->accounts.value(kTwo).bytes == 5LL << 50);
}

void TestGrowth::daysAndAccountsAreKeptApart()
{
    Known known;
    known.put("one/a", 100);
    known.put("one/b", 50);
    known.put("two/a", 7);
    known.clock.advance(kDay);
    known.put("one/a", 60);
    known.book->noteRemoved("two/a");
    const QList<GrowthDay> days = known.book->days(30);
    QCOMPARE(days.size(), 2);
    QCOMPARE(days[0].day, days[1].day.addDays(1));
    QCOMPARE(days[1].accounts.value(kOne).stored, 2);
    QCOMPARE(days[1].accounts.value(kOne).storedBytes, 150);
    QCOMPARE(days[1].accounts.value(kTwo).storedBytes, 7);
    QCOMPARE(days[0].accounts.value(kOne).storedBytes, 60);
    QCOMPARE(days[0].accounts.value(kTwo).removed, 1);
    known.clock.advance(10 * kDay);
    QCOMPARE(known.book->days(10).size(), 0);
    QCOMPARE(known.book->days(30).size(), 2);
}

void TestGrowth::whatIsThereIsCounted()
{
    Known known;
    for (int i = 0; i < 2'500; ++i)
        known.put("one/" + QByteArray::number(i), 10);
    known.put("two/a", 7);
    state::BucketLedger::Object gone;
    gone.size = 10;
    gone.gone = true;
    known.ledger.set(known.bucket(), "one/0", gone);
    const GrowthDay day = known.counted();
    QVERIFY((day.accounts.value(kOne) == GrowthRow{2'500, 25'000, 0, 2'499, 24'990}));
    QVERIFY((day.accounts.value(kTwo) == GrowthRow{1, 7, 0, 1, 7}));
    // A day without a change goes on with what is there.
    known.clock.advance(kDay);
    QVERIFY((known.counted().accounts.value(kOne) == GrowthRow{0, 0, 0, 2'499, 24'990}));
}

void TestGrowth::aRestartForgetsNothing()
{
    Known known;
    known.put("one/a", 100);
    known.book.reset();
    known.book = std::make_unique<GrowthBook>(known.ledger, known.bucket(), known.clock);
    known.put("one/b", 10);
    QCOMPARE(known.book->days(1).value(0).accounts.value(kOne).storedBytes, 110);
}

void TestGrowth::aClockThatIsPutBackForgetsNothing()
{
    Known known;
    known.put("one/a", 100);
    known.clock.setWall(known.clock.wall() + kDay);
    known.put("one/b", 10);
    known.clock.setWall(known.clock.wall() - kDay);
    known.put("one/c", 1);
    const QList<GrowthDay> days = known.book->days(1);
    QCOMPARE(days.value(0).accounts.value(kOne).storedBytes, 101);
}

void TestGrowth::aDayThatStandsOutIsSaidUntilTheNextIsOver()
{
    Known known;
    known.put("one/a", 100 * GiB); // the first day is no measure
    QVERIFY(!known.book->odd());
    for (int day = 0; day < 8; ++day) {
        known.clock.advance(kDay);
        known.put("one/a", 1'000);
        QVERIFY(!known.book->odd());
    }
    known.clock.advance(kDay);
    known.put("one/a", 3 * GiB);
    const auto odd = known.book->odd();
    QVERIFY(odd);
    QCOMPARE(odd->bytes, 3 * GiB);
    QCOMPARE(odd->median, 1'000);
    QVERIFY2(odd->words().contains(odd->day.toString(Qt::ISODate)), qPrintable(odd->words()));
    known.clock.advance(kDay);
    QVERIFY(known.book->odd());
    known.clock.advance(kDay);
    QVERIFY(!known.book->odd());
}

QTEST_GUILESS_MAIN(TestGrowth)
#include "tst_growth.moc"
