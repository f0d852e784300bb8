// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/deliveryqueue.h"

#include <QElapsedTimer>
#include <QTest>

using namespace cring::repair;
using namespace std::chrono_literals;

class TestDeliveryQueue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesWhatIsReadyInTurn();
    void passesOverATree();
    void waitsUntilItIsDue();
    void pausesWhereTheLookSaysSo();
    void anotherDebtEndsThePause();
    void aDebtThatWasPaidIsForgotten();
    void whatIsUnderWayIsNotGivenAgain();
    void wakes();
    void manyThatWaitCostNothing();
    void looksAtManyInSeveralTurns();
};

namespace {

using Verdict = DeliveryQueue::Verdict;
using Search = DeliveryQueue::Search;

DeliveryQueue::Look take(const ObjectKey &)
{
    return {};
}

DeliveryQueue::Look refuse(const ObjectKey &)
{
    return {Verdict::Wait, {}};
}

/// What it gives until there is no more.
QByteArrayList all(DeliveryQueue &queue, std::chrono::milliseconds now = 0ms)
{
    QByteArrayList found;
    ObjectKey key;
    while (queue.next(now, take, key) == Search::Found) {
        found << key;
        queue.end(key);
    }
    return found;
}

DeliveryQueue::Pause until(std::chrono::milliseconds due, CopyMending::Task task = CopyMending::Task::Mend)
{
    DeliveryQueue::Pause pause;
    pause.due = due;
    pause.task = task;
    pause.since = 1;
    return pause;
}

} // namespace

void TestDeliveryQueue::givesWhatIsReadyInTurn()
{
    DeliveryQueue queue;
    QVERIFY(queue.isEmpty() && queue.rests());
    for (const char *key : {"a/3", "a/1", "a/2"})
        queue.owe(key, 1);
    QVERIFY(!queue.isEmpty() && !queue.rests());
    ObjectKey key;
    QCOMPARE(queue.next(0ms, take, key), Search::Found);
    QCOMPARE(key, ObjectKey("a/1"));
    queue.end(key);
    // Owed again at once, it waits for its turn.
    queue.owe(key, 1);
    QCOMPARE(all(queue), QByteArrayList({"a/2", "a/3", "a/1"}));
    QVERIFY(queue.isEmpty() && queue.rests());
}

void TestDeliveryQueue::passesOverATree()
{
    DeliveryQueue queue;
    for (const char *key : {"a/f", "a/f-1", "a/f/x", "a/f/y/z", "a/g"})
        queue.owe(key, 1);
    int looks = 0;
    QByteArrayList found;
    ObjectKey key;
    const auto look = [&](const ObjectKey &ready) -> DeliveryQueue::Look {
        ++looks;
        if (ready.startsWith("a/f/"))
            return {Verdict::Wait, "a/f"};
        return {};
    };
    while (queue.next(0ms, look, key) == Search::Found)
        found << key;
    QCOMPARE(found, QByteArrayList({"a/f", "a/f-1", "a/g"}));
    QVERIFY2(looks <= 5, QByteArray::number(looks).constData());
}

void TestDeliveryQueue::waitsUntilItIsDue()
{
    DeliveryQueue queue;
    queue.owe("a/1", 1);
    ObjectKey key;
    QCOMPARE(queue.next(0ms, take, key), Search::Found);
    queue.end(key);
    queue.pause(key, until(10ms));
    queue.owe(key, 1); // the same debt
    QVERIFY(queue.rests() && !queue.isEmpty());
    QCOMPARE(queue.nextDue(), std::optional(DeliveryQueue::Time(10ms)));
    QCOMPARE(all(queue, 9ms), QByteArrayList());
    QCOMPARE(all(queue, 10ms), QByteArrayList({"a/1"}));
    // What is known of the last try is there for the next.
    QVERIFY(queue.pauseOf("a/1"));
    queue.forget("a/1");
    QVERIFY(!queue.pauseOf("a/1"));
}

void TestDeliveryQueue::pausesWhereTheLookSaysSo()
{
    DeliveryQueue queue;
    for (const char *key : {"a/1", "a/2", "a/3"})
        queue.owe(key, 1);
    int looks = 0;
    const auto look = [&](const ObjectKey &) -> DeliveryQueue::Look {
        ++looks;
        return {Verdict::Pause, {}, until(100ms)};
    };
    ObjectKey key;
    QCOMPARE(queue.next(0ms, look, key), Search::Nothing);
    QCOMPARE(queue.next(0ms, look, key), Search::Nothing);
    QCOMPARE(looks, 3);
    QVERIFY(queue.rests() && !queue.isEmpty());
    QCOMPARE(queue.nextDue(), 100ms);
    QVERIFY(queue.pauseOf("a/2"));
    queue.owe("a/2", 2);
    QCOMPARE(all(queue), QByteArrayList({"a/2"}));
    queue.wake(false);
    QCOMPARE(all(queue), QByteArrayList({"a/3", "a/1"}));
}

void TestDeliveryQueue::anotherDebtEndsThePause()
{
    DeliveryQueue queue;
    queue.pause("a/1", until(1h));
    queue.owe("a/1", 2);
    QVERIFY(!queue.pauseOf("a/1"));
    QCOMPARE(all(queue), QByteArrayList({"a/1"}));
    QVERIFY(!queue.nextDue());
}

void TestDeliveryQueue::aDebtThatWasPaidIsForgotten()
{
    DeliveryQueue queue;
    queue.owe("a/1", 1);
    queue.pause("a/2", until(1ms));
    ObjectKey key;
    const auto paid = [](const ObjectKey &) -> DeliveryQueue::Look {
        return {Verdict::Forget, {}};
    };
    QCOMPARE(queue.next(1ms, paid, key), Search::Nothing);
    QVERIFY(queue.isEmpty());
    QVERIFY(!queue.pauseOf("a/2"));
}

void TestDeliveryQueue::whatIsUnderWayIsNotGivenAgain()
{
    DeliveryQueue queue;
    QObject runner;
    queue.owe("a/d/1", 1);
    ObjectKey key;
    QCOMPARE(queue.next(0ms, take, key), Search::Found);
    queue.setRunner(key, &runner);
    queue.owe("a/d/1", 2);
    QCOMPARE(queue.next(0ms, take, key), Search::Nothing);
    QVERIFY(queue.isRunning("a/d/1") && queue.runsBelow("a/d") && queue.runsBelow("a/d/1"));
    QVERIFY(!queue.isRunning("a/d") && !queue.runsBelow("a/d/1/2") && !queue.runsBelow("a/dd"));
    QCOMPARE(queue.running(), size_t(1));
    QCOMPARE(queue.end("a/d/1"), &runner);
    QCOMPARE(queue.end("a/d/1"), nullptr);
}

void TestDeliveryQueue::wakes()
{
    DeliveryQueue queue;
    queue.pause("a/1", until(1h));
    queue.pause("a/2", until(1h, CopyMending::Task::Verify));
    queue.wake(false);
    QCOMPARE(all(queue), QByteArrayList({"a/1"}));
    queue.wake(true);
    QCOMPARE(all(queue), QByteArrayList({"a/2"}));
}

/// With a full disk at a server, everything that is owed there waits, and each waits for itself.
void TestDeliveryQueue::manyThatWaitCostNothing()
{
    constexpr int count = 50'000;
    DeliveryQueue queue;
    for (int i = 0; i < count; ++i)
        queue.pause("a/" + QByteArray::number(i), until(std::chrono::milliseconds(1'000 + i)));
    int looks = 0;
    ObjectKey key;
    const auto look = [&](const ObjectKey &ready) {
        ++looks;
        return take(ready);
    };
    // One try after the other, each failing again.
    for (int i = 0; i < 1'000; ++i) {
        const auto now = *queue.nextDue();
        QCOMPARE(queue.next(now, look, key), Search::Found);
        QCOMPARE(queue.next(now, look, key), Search::Nothing);
        queue.end(key);
        queue.pause(key, until(now + 1min));
    }
    QCOMPARE(looks, 1'000);
}

void TestDeliveryQueue::looksAtManyInSeveralTurns()
{
    constexpr int count = 2'000;
    DeliveryQueue queue;
    for (int i = 0; i < count; ++i)
        queue.owe("a/" + QByteArray::number(10'000 + i), 1);
    ObjectKey key;
    int turns = 1;
    while (queue.next(0ms, refuse, key) == Search::More)
        ++turns;
    QVERIFY2(turns > 1 && turns < 10, QByteArray::number(turns).constData());
    // The last one is reached although all before it have to wait.
    const auto last = [](const ObjectKey &ready) -> DeliveryQueue::Look {
        return {ready == "a/11999" ? Verdict::Take : Verdict::Wait, {}};
    };
    Search search = Search::More;
    for (turns = 0; search == Search::More && turns < 10; ++turns)
        search = queue.next(0ms, last, key);
    QCOMPARE(search, Search::Found);
    QCOMPARE(key, ObjectKey("a/11999"));
}

QTEST_GUILESS_MAIN(TestDeliveryQueue)
#include "tst_deliveryqueue.moc"
