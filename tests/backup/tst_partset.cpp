// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/partset.h"

#include <QTest>

using namespace cring::backup;

class TestPartSet : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void partsFitS3_data();
    void partsFitS3();
    void coversTheBody();
    void knowsWhatIsMissing();
};

namespace {

constexpr qint64 MiB = 1024 * 1024;
constexpr qint64 TiB = MiB * MiB;

} // namespace

void TestPartSet::partsFitS3_data()
{
    QTest::addColumn<qint64>("size");
    QTest::addColumn<qint64>("partSize");
    QTest::newRow("64 MiB and a byte") << 64 * MiB + 1 << 16 * MiB;
    QTest::newRow("10,000 parts") << 10'000 * 16 * MiB << 16 * MiB;
    QTest::newRow("a byte more") << 10'000 * 16 * MiB + 1 << 17 * MiB;
    QTest::newRow("5 TiB") << 5 * TiB << 525 * MiB;
    QTest::newRow("the most") << 10'000 * 5'120 * MiB << 5'120 * MiB;
    QTest::newRow("too much") << 10'000 * 5'120 * MiB + 1 << qint64(0);
}

void TestPartSet::partsFitS3()
{
    QFETCH(qint64, size);
    QFETCH(qint64, partSize);
    QCOMPARE(PartSet::partSizeFor(size), partSize);
    if (partSize > 0)
        QVERIFY((size + partSize - 1) / partSize <= PartSet::kMaxParts);
}

void TestPartSet::coversTheBody()
{
    const PartSet parts(40, 16, {"a", "b", "c"});
    qint64 covered = 0;
    for (int number = 1; parts.has(number); ++number) {
        QCOMPARE(parts.offsetOf(number), covered);
        covered += parts.sizeOf(number);
    }
    QCOMPARE(covered, 40);
    QVERIFY(!parts.has(0));
    QCOMPARE(parts.sha256Of(3), QByteArray("c"));
}

void TestPartSet::knowsWhatIsMissing()
{
    PartSet parts(40, 16, {"a", "b", "c"});
    QCOMPARE(parts.missingFrom(1), 1);
    parts.setStored(1, "e1");
    parts.setStored(2, "e2");
    QCOMPARE(parts.missingFrom(1), 3);
    QCOMPARE(parts.storedBytes(), 32);
    parts.setStored(3, "e3");
    QCOMPARE(parts.missingFrom(1), 0);
    QCOMPARE(parts.storedBytes(), 40);
    QCOMPARE(parts.stored().at(2).size, 8);
    QCOMPARE(parts.stored().at(2).etag, QByteArray("e3"));
    parts.clearStored();
    QCOMPARE(parts.missingFrom(1), 1);
    QCOMPARE(parts.storedBytes(), 0);
}

QTEST_GUILESS_MAIN(TestPartSet)
#include "tst_partset.moc"
