// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/drillsample.h"

#include <QSet>
#include <QTest>

#include <numeric>

using namespace cring;
using namespace cring::backup;

/// Which files a restore drill brings back.
class TestDrillSample : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesAllOfAFew();
    void hasOneOfEachSize();
    void staysWithinItsLimits_data();
    void staysWithinItsLimits();
    void givesEachFileTheSameChance();

private:
    using Item = DrillSample::Item;
    static Item item(int number, qint64 size);
    static qint64 bytesOf(const QList<Item> &items);
};

namespace {

constexpr qint64 KiB = 1024;
constexpr qint64 MiB = 1024 * KiB;

} // namespace

DrillSample::Item TestDrillSample::item(int number, qint64 size)
{
    Item item;
    item.key = "account/" + QByteArray::number(number);
    item.size = size;
    return item;
}

qint64 TestDrillSample::bytesOf(const QList<Item> &items)
{
    return std::accumulate(items.begin(), items.end(), qint64{0},
                           [](qint64 sum, const Item &one) { return sum + one.size; });
}

void TestDrillSample::takesAllOfAFew()
{
    SeededRandom random(1);
    DrillSample sample(random, {});
    for (int i = 0; i < 20; ++i)
        sample.consider(item(i, i * KiB));
    const QList<Item> chosen = sample.take();
    QSet<QByteArray> keys;
    for (const Item &one : chosen)
        keys.insert(one.key);
    QCOMPARE(keys.size(), 20);
    QCOMPARE(chosen.first().size, 19 * KiB);
    QCOMPARE(chosen.last().size, 0);
}

void TestDrillSample::hasOneOfEachSize()
{
    for (quint64 seed = 0; seed < 50; ++seed) {
        SeededRandom random(seed);
        DrillSample sample(random, {});
        for (int i = 0; i < 5'000; ++i)
            sample.consider(item(i, 10 * KiB));
        const QList<qint64> rare{0, 700 * KiB, 60 * MiB, 150 * MiB};
        for (const qint64 size : rare)
            sample.consider(item(9'000, size));
        const QList<Item> chosen = sample.take();
        QCOMPARE(chosen.size(), 20);
        for (const qint64 size : rare)
            QVERIFY(std::ranges::any_of(chosen, [size](const Item &one) { return one.size == size; }));
    }
}

void TestDrillSample::staysWithinItsLimits_data()
{
    QTest::addColumn<QList<qint64>>("sizes");
    QTest::addColumn<int>("count");
    QTest::newRow("none") << QList<qint64>() << 0;
    QTest::newRow("small ones") << QList<qint64>{1, 2 * KiB} << 20;
    QTest::newRow("large ones") << QList<qint64>{60 * MiB} << 4;
    QTest::newRow("in parts") << QList<qint64>{100 * MiB} << 2;
    QTest::newRow("too large") << QList<qint64>{200 * MiB, 1024 * MiB} << 0;
    QTest::newRow("too large, and small") << QList<qint64>{200 * MiB, 5} << 20;
}

void TestDrillSample::staysWithinItsLimits()
{
    QFETCH(QList<qint64>, sizes);
    QFETCH(int, count);
    SeededRandom random(7);
    DrillSample sample(random, {});
    for (int i = 0; i < 1'000 && !sizes.isEmpty(); ++i)
        sample.consider(item(i, sizes.at(i % sizes.size())));
    const QList<Item> chosen = sample.take();
    QCOMPARE(chosen.size(), count);
    QVERIFY(bytesOf(chosen) <= 256 * MiB);
}

void TestDrillSample::givesEachFileTheSameChance()
{
    constexpr int Files = 100;
    constexpr int Rounds = 2'000;
    SeededRandom random(3);
    QList<int> taken(Files, 0);
    for (int round = 0; round < Rounds; ++round) {
        DrillSample sample(random, {});
        for (int i = 0; i < Files; ++i)
            sample.consider(item(i, KiB));
        for (const Item &one : sample.take())
            ++taken[one.key.mid(8).toInt()];
    }
    // 400 each are expected, with a deviation of 18.
    const auto [least, most] = std::ranges::minmax(taken);
    QVERIFY2(least > 320 && most < 480, qPrintable(QStringLiteral("%1 to %2").arg(least).arg(most)));
}

QTEST_GUILESS_MAIN(TestDrillSample)
#include "tst_drillsample.moc"
