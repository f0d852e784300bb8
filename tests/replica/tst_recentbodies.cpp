// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/recentbodies.h"

#include <QTest>

using namespace cring;
using replica::RecentBodies;

class TestRecentBodies : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesABodyOnce();
    void knowsVersionsApart();
    void forgetsTheOldestFirst();
    void takesNothingLarge();
};

void TestRecentBodies::givesABodyOnce()
{
    RecentBodies bodies;
    bodies.add("a/one", "d1", "first");
    bodies.add("a/two", "d2", "second");
    QCOMPARE(bodies.take("a/one", "d1").value_or("none"), QByteArray("first"));
    QVERIFY(!bodies.take("a/one", "d1"));
    QCOMPARE(bodies.take("a/two", "d2").value_or("none"), QByteArray("second"));
}

void TestRecentBodies::knowsVersionsApart()
{
    RecentBodies bodies;
    bodies.add("a/one", "d1", "first");
    bodies.add("a/one", "d2", "second");
    QVERIFY(!bodies.take("a/one", "d3"));
    QVERIFY(!bodies.take("b/one", "d1"));
    QCOMPARE(bodies.take("a/one", "d2").value_or("none"), QByteArray("second"));
    QCOMPARE(bodies.take("a/one", "d1").value_or("none"), QByteArray("first"));
}

void TestRecentBodies::forgetsTheOldestFirst()
{
    RecentBodies bodies;
    const QByteArray large(RecentBodies::kLargest, 'x');
    const qint64 room = RecentBodies::kBudget / RecentBodies::kLargest;
    for (qint64 i = 0; i <= room; ++i)
        bodies.add("a/" + QByteArray::number(i), "d", large);
    QVERIFY(!bodies.take("a/0", "d"));
    QVERIFY(bodies.take("a/1", "d"));
    // What was taken has made room.
    bodies.add("a/more", "d", large);
    QVERIFY(bodies.take("a/2", "d"));
    QVERIFY(bodies.take("a/more", "d"));
}

void TestRecentBodies::takesNothingLarge()
{
    RecentBodies bodies;
    bodies.add("a/large", "d", QByteArray(RecentBodies::kLargest + 1, 'x'));
    QVERIFY(!bodies.take("a/large", "d"));
}

QTEST_GUILESS_MAIN(TestRecentBodies)
#include "tst_recentbodies.moc"
