// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/pathlocks.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring::replica;
using cring::test::spinUntil;

class TestPathLocks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void onePathAtATime();
    void neighboursDoNotWait();
    void folderWaitsForWhatIsBelowAndBlocksIt();
    void isNotOvertakenByALaterOne();
    void readerWaitsButTakesNothing();
    void waitingOneThatDiesIsPassedOver();
    void leaseOutlivesTheLocks();
    void grantsInOrder();
};

namespace {

/// Asks for a lock and keeps it.
struct Holder
{
    QObject context;
    PathLocks::Lease lease;

    Holder(PathLocks &locks, const ObjectKey &key)
    {
        locks.acquire(key, &context, [this](PathLocks::Lease granted) { lease = std::move(granted); });
    }

    bool has() const { return static_cast<bool>(lease); }

    bool gets()
    {
        return spinUntil([this] { return has(); }, 1'000);
    }
};

void settle()
{
    QCoreApplication::processEvents();
    QCoreApplication::processEvents();
}

} // namespace

void TestPathLocks::onePathAtATime()
{
    PathLocks locks;
    Holder first(locks, "a/f");
    Holder second(locks, "a/f");
    settle();
    QVERIFY(first.has());
    QVERIFY(!second.has());
    QVERIFY(locks.isHeld("a/f"));
    QCOMPARE(locks.heldCount(), 1);
    first.lease.release();
    QVERIFY(second.gets());
    second.lease.release();
    QVERIFY(!locks.isHeld("a/f"));
    QCOMPARE(locks.heldCount(), 0);
}

void TestPathLocks::neighboursDoNotWait()
{
    PathLocks locks;
    const Holder first(locks, "a/d/1");
    const Holder second(locks, "a/d/2");
    const Holder alike(locks, "a/d/1-more");
    const Holder otherAccount(locks, "b/d/1");
    QVERIFY(first.has() && second.has() && alike.has() && otherAccount.has());
}

void TestPathLocks::folderWaitsForWhatIsBelowAndBlocksIt()
{
    PathLocks locks;
    Holder below(locks, "a/d/sub/f");
    Holder folder(locks, "a/d");
    settle();
    QVERIFY(!folder.has());
    below.lease.release();
    QVERIFY(folder.gets());
    QVERIFY(locks.isHeld("a/d/sub/f"));
    QVERIFY(!locks.isHeld("a"));
    Holder later(locks, "a/d/sub/f");
    settle();
    QVERIFY(!later.has());
    folder.lease.release();
    QVERIFY(later.gets());
}

/// Else writes into a folder, one after the other, would keep its delete waiting for ever.
void TestPathLocks::isNotOvertakenByALaterOne()
{
    PathLocks locks;
    Holder below(locks, "a/d/1");
    Holder folder(locks, "a/d");
    Holder later(locks, "a/d/2");
    const Holder elsewhere(locks, "a/e");
    settle();
    QVERIFY(!folder.has());
    QVERIFY(!later.has());
    QVERIFY(elsewhere.has());
    below.lease.release();
    QVERIFY(folder.gets());
    QVERIFY(!later.has());
    folder.lease.release();
    QVERIFY(later.gets());
}

void TestPathLocks::readerWaitsButTakesNothing()
{
    PathLocks locks;
    QObject reader;
    int freed = 0;
    locks.whenFree("a/d/f", &reader, [&] { ++freed; });
    QCOMPARE(freed, 1);
    Holder below(locks, "a/d/f/below");
    locks.whenFree("a/d/f", &reader, [&] { ++freed; });
    QCOMPARE(freed, 2);
    below.lease.release();

    Holder folder(locks, "a/d");
    locks.whenFree("a/d/f", &reader, [&] { ++freed; });
    settle();
    QCOMPARE(freed, 2);
    folder.lease.release();
    QVERIFY(spinUntil([&] { return freed == 3; }, 1'000));
    QCOMPARE(locks.heldCount(), 0);
}

void TestPathLocks::waitingOneThatDiesIsPassedOver()
{
    PathLocks locks;
    Holder first(locks, "a/f");
    auto second = std::make_unique<Holder>(locks, "a/f");
    Holder third(locks, "a/f");
    second.reset();
    first.lease.release();
    QVERIFY(third.gets());
}

void TestPathLocks::leaseOutlivesTheLocks()
{
    auto locks = std::make_unique<PathLocks>();
    Holder holder(*locks, "a/f");
    PathLocks::Lease moved = std::move(holder.lease);
    QVERIFY(!holder.has());
    QVERIFY(locks->isHeld("a/f"));
    locks.reset();
    moved.release();
    QVERIFY(!moved);
}

void TestPathLocks::grantsInOrder()
{
    PathLocks locks;
    QObject context;
    QList<int> order;
    Holder first(locks, "a/f");
    for (int i = 0; i < 20; ++i)
        locks.acquire("a/f", &context, [&order, i](const PathLocks::Lease &) { order << i; });
    first.lease.release();
    QVERIFY(spinUntil([&] { return order.size() == 20; }, 1'000));
    QVERIFY(std::is_sorted(order.begin(), order.end()));
    QCOMPARE(locks.heldCount(), 0);
}

QTEST_GUILESS_MAIN(TestPathLocks)
#include "tst_pathlocks.moc"
