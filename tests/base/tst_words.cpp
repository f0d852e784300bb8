// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/words.h"

#include <QTest>

using namespace cring;
using namespace std::chrono_literals;

class TestWords : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsDurationsInOneUnit();
    void tellsBytesInThreeDigits();
    void enumeratesNames();
    void countsInTheRightNumber();
};

void TestWords::tellsDurationsInOneUnit()
{
    QCOMPARE(words::duration(-5s), QStringLiteral("0 s"));
    QCOMPARE(words::duration(59'999ms), QStringLiteral("59 s"));
    QCOMPARE(words::duration(60s), QStringLiteral("1 min"));
    QCOMPARE(words::duration(3h + 59min), QStringLiteral("3 h"));
    QCOMPARE(words::duration(47h), QStringLiteral("47 h"));
    QCOMPARE(words::duration(100h), QStringLiteral("4 d"));
}

void TestWords::tellsBytesInThreeDigits()
{
    QCOMPARE(words::bytes(0), QStringLiteral("0 B"));
    QCOMPARE(words::bytes(999), QStringLiteral("999 B"));
    QCOMPARE(words::bytes(1'000), QStringLiteral("1.0 KiB"));
    QCOMPARE(words::bytes(1'024 * 1'023), QStringLiteral("1.0 MiB"));
    QCOMPARE(words::bytes(340LL * 1'024 * 1'024), QStringLiteral("340 MiB"));
    QCOMPARE(words::bytes(std::numeric_limits<qint64>::max()), QStringLiteral("8.0 EiB"));
}

void TestWords::enumeratesNames()
{
    QCOMPARE(words::enumeration({}), QString());
    QCOMPARE(words::enumeration({QStringLiteral("a")}), QStringLiteral("a"));
    QCOMPARE(words::enumeration({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")}),
             QStringLiteral("a, b and c"));
}

void TestWords::countsInTheRightNumber()
{
    QCOMPARE(words::counted(0, "file"), QStringLiteral("0 files"));
    QCOMPARE(words::counted(1, "file"), QStringLiteral("1 file"));
    QCOMPARE(words::counted(1, "copy", "copies"), QStringLiteral("1 copy"));
    QCOMPARE(words::counted(2, "copy", "copies"), QStringLiteral("2 copies"));
}

QTEST_APPLESS_MAIN(TestWords)
#include "tst_words.moc"
