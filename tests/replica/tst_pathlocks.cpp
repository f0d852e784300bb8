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
    void readerDoesNotWaitForEver();
    void readerDoesNotWaitForMending();
    void mendingIsAskedToMakeWay_data();
    void mendingIsAskedToMakeWay();
    void mendingIsAskedByWhoWaitedBefore();
    void waitingOneThatDiesIsPassedOver();
    void leaseOutlivesTheLocks();
    void grantsInOrder();
};

namespace {

using namespace std::chrono_literals;

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
        return spinUntil([this] { return has(); }, 10'000);
    }
};

/// Takes a lock to mend something.
struct Mender
{
    std::unique_ptr<QObject> context = std::make_unique<QObject>();
    PathLocks::Lease lease;
    int wanted = 0;

    Mender(PathLocks &locks, const ObjectKey &key)
    {
        locks.acquireBehind(
            key, context.get(), [this](PathLocks::Lease granted) { lease = std::move(granted); },
            [this] { ++wanted; });
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
    first.lease.release();
    QVERIFY(second.gets());
    second.lease.release();
    QVERIFY(!locks.isHeld("a/f"));
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
    const auto free = [&](bool isFree) {
        freed += isFree;
    };
    locks.whenFree("a/d/f", &reader, 1h, free);
    QCOMPARE(freed, 1);
    Holder below(locks, "a/d/f/below");
    locks.whenFree("a/d/f", &reader, 1h, free);
    QCOMPARE(freed, 2);
    below.lease.release();

    Holder folder(locks, "a/d");
    locks.whenFree("a/d/f", &reader, 1h, free);
    settle();
    QCOMPARE(freed, 2);
    folder.lease.release();
    QVERIFY(spinUntil([&] { return freed == 3; }, 10'000));
    QVERIFY(!locks.isHeld("a/d/f"));
}

void TestPathLocks::readerDoesNotWaitForEver()
{
    PathLocks locks;
    Holder writer(locks, "a/f");
    QObject reader;
    std::optional<bool> free;
    locks.whenFree("a/f", &reader, 20ms, [&](bool isFree) { free = isFree; });
    QVERIFY(spinUntil([&] { return free.has_value(); }, 10'000));
    QVERIFY(!*free);
    free.reset();
    writer.lease.release();
    QTest::qWait(50); // That it is told once, only time can tell.
    QVERIFY(!free);
}

void TestPathLocks::readerDoesNotWaitForMending()
{
    PathLocks locks;
    Mender mender(locks, "a/f");
    QVERIFY(locks.isHeld("a/f"));
    QObject reader;
    bool free = false;
    locks.whenFree("a/f", &reader, 1h, [&](bool isFree) { free = isFree; });
    QVERIFY(free);
    settle();
    QCOMPARE(mender.wanted, 0);
}

void TestPathLocks::mendingIsAskedToMakeWay_data()
{
    QTest::addColumn<QByteArray>("held");
    QTest::addColumn<QByteArray>("wanted");
    QTest::addColumn<bool>("asked");
    QTest::newRow("the path") << QByteArray("a/d") << QByteArray("a/d") << true;
    QTest::newRow("below it") << QByteArray("a/d") << QByteArray("a/d/f/g") << true;
    QTest::newRow("above it") << QByteArray("a/d/f/g") << QByteArray("a/d") << true;
    QTest::newRow("beside it") << QByteArray("a/d/f") << QByteArray("a/d/g") << false;
}

void TestPathLocks::mendingIsAskedToMakeWay()
{
    QFETCH(const QByteArray, held);
    QFETCH(const QByteArray, wanted);
    QFETCH(const bool, asked);
    PathLocks locks;
    Mender mender(locks, held);
    Mender other(locks, wanted);
    settle();
    QCOMPARE(mender.wanted, 0); // by other mending it is not
    other.context.reset();
    other.lease.release();
    Holder writer(locks, wanted);
    Holder another(locks, wanted);
    settle();
    QCOMPARE(mender.wanted, asked ? 1 : 0);
    mender.lease.release();
    QVERIFY(writer.gets());
}

void TestPathLocks::mendingIsAskedByWhoWaitedBefore()
{
    PathLocks locks;
    Holder first(locks, "a/f");
    Mender mender(locks, "a/f");
    Holder second(locks, "a/f");
    first.lease.release();
    QVERIFY(spinUntil([&] { return mender.wanted == 1; }, 10'000));
    QVERIFY(mender.lease && !second.has());
    mender.lease.release();
    QVERIFY(second.gets());
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
    QVERIFY(spinUntil([&] { return order.size() == 20; }, 10'000));
    QVERIFY(std::is_sorted(order.begin(), order.end()));
    QVERIFY(!locks.isHeld("a/f"));
}

QTEST_GUILESS_MAIN(TestPathLocks)
#include "tst_pathlocks.moc"
