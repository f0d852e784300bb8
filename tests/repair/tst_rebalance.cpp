// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/rebalance.h"
#include "tests/repair/barering.h"
#include "tests/support/spin.h"

#include <QElapsedTimer>
#include <QTest>

using namespace cring;
using namespace cring::test;
using repair::RebalanceJob;
using repair::Survey;

class TestRebalance : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void planSaysWhatMoves();
    void movesNoMoreThanTheLeastPossible();
    void owesABatchAtATime();
    void findsWhatIsTooMuch();
    void goesOnFromItsCursor();
    void pausedItOwesNothingMore();
    void cancelledItLeavesTheRest();
    void doesNotWaitForAServerThatStaysAway();
    void keepsToThePace();

private:
    static bool allInPlace(BareRing &ring, int files);
    static RebalanceJob makeJob(BareRing &ring);
};

namespace {

constexpr int Limit = 10'000;

/// A job that runs, and what became of it.
struct Run
{
    explicit Run(BareRing &ring, const QByteArray &from = {})
        : job([&ring]() -> replica::Environment & { return ring.environment(); }, ring.shared.throttle)
    {
        QObject::connect(&job, &jobs::Job::progressed, &job, [this](const QByteArray &at) { cursor = at; });
        QObject::connect(&job, &jobs::Job::finished, &job,
                         [this](const Result<QJsonObject> &result) { summary = *result; });
        job.start(from);
    }
    qint64 count(const char *name) const { return summary->value(QLatin1String(name)).toInteger(-1); }

    RebalanceJob job;
    QByteArray cursor;
    std::optional<QJsonObject> summary;
};

/// Four servers with files, and a fifth that has just been added.
struct Grown : BareRing
{
    explicit Grown(int files)
        : BareRing(4)
    {
        for (int i = 0; i < files; ++i)
            put(key(i), owners(key(i)));
        addServer(5);
        build();
    }
};

} // namespace

bool TestRebalance::allInPlace(BareRing &ring, int files)
{
    for (int i = 0; i < files; ++i) {
        QList<QString> owners = ring.owners(BareRing::key(i));
        QList<QString> holders = ring.catalogue().holders(BareRing::key(i));
        std::sort(owners.begin(), owners.end());
        std::sort(holders.begin(), holders.end());
        if (owners != holders)
            return false;
    }
    return true;
}

void TestRebalance::planSaysWhatMoves()
{
    Survey::Counts counts;
    counts.replicas = 2;
    counts.all = {10, 1000};
    counts.servers[QStringLiteral("a")] = {{7, 700}, {10, 1000}, {0, 0}, {3, 300}, {3, 300}};
    counts.servers[QStringLiteral("b")] = {{6, 600}, {10, 1000}, {1, 100}, {5, 500}, {5, 500}};
    counts.servers[QStringLiteral("c")] = {{7, 700}, {0, 0}, {7, 700}, {0, 0}, {0, 0}};
    const repair::RebalancePlan plan = repair::planRebalance(counts);
    QCOMPARE(plan.copy, (Survey::Amount{8, 800}));
    QCOMPARE(plan.remove, (Survey::Amount{8, 800}));
    QCOMPARE(plan.copies, 20);
    QCOMPARE(plan.leastCopies, 7);
    QCOMPARE(plan.movedShare(), 0.4);
    QVERIFY(!plan.isEmpty());
    QCOMPARE(plan.servers[2].id, QStringLiteral("c"));
    QCOMPARE(plan.servers[2].copy, (Survey::Amount{7, 700}));
    const QJsonObject json = plan.toJson();
    QCOMPARE(json[QLatin1String("copy")][QLatin1String("files")].toInteger(), 8);
    QCOMPARE(json[QLatin1String("leastCopies")].toInteger(), 7);
    QVERIFY(repair::planRebalance({}).isEmpty());
}

void TestRebalance::movesNoMoreThanTheLeastPossible()
{
    constexpr int files = 2'000;
    Grown ring(files);
    ring.shared.survey.refresh();
    QVERIFY(spinUntil([&] { return bool(ring.shared.survey.counts()); }, Limit));
    const auto plan = repair::planRebalance(*ring.shared.survey.counts());
    QCOMPARE(plan.copy.files, plan.leastCopies);
    QCOMPARE(plan.remove.files, plan.copy.files);
    // The fifth server's share of all copies, as chance has it.
    QVERIFY2(plan.movedShare() > 0.18 && plan.movedShare() < 0.22,
             QByteArray::number(plan.movedShare()).constData());
    Run run(ring);
    QVERIFY(spinUntil(
        [&] {
            ring.deliver();
            return run.summary.has_value();
        },
        Limit));
    QVERIFY(allInPlace(ring, files));
    QCOMPARE(run.count("moved"), plan.copy.files);
    QCOMPARE(run.count("removed"), plan.remove.files);
    QCOMPARE(run.count("left"), 0);
    QCOMPARE(run.count("bytes"), plan.copy.bytes);
    QCOMPARE(run.job.progress().done, run.job.progress().total);
}

void TestRebalance::owesABatchAtATime()
{
    constexpr int files = 3'000;
    constexpr qsizetype most = 256 + 100;
    Grown ring(files);
    Run run(ring);
    qsizetype worst = 0;
    QVERIFY(spinUntil(
        [&] {
            worst = std::max(worst, ring.owed());
            ring.deliver(40);
            return run.summary.has_value();
        },
        6 * Limit));
    QVERIFY2(worst > 0 && worst <= most, QByteArray::number(worst).constData());
    QVERIFY(allInPlace(ring, files));
}

/// Every owner has its copy, and others have some.
void TestRebalance::findsWhatIsTooMuch()
{
    BareRing ring(5);
    for (int i = 0; i < 30; ++i) {
        QList<QString> all;
        for (int number = 1; number <= 5; ++number)
            all << BareRing::name(number);
        ring.put(BareRing::key(i), all);
    }
    Run run(ring);
    QVERIFY(spinUntil(
        [&] {
            ring.deliver();
            return run.summary.has_value();
        },
        Limit));
    QVERIFY(allInPlace(ring, 30));
    QCOMPARE(run.count("moved"), 0);
    QCOMPARE(run.count("removed"), 60);
}

void TestRebalance::goesOnFromItsCursor()
{
    constexpr int files = 1'500;
    Grown ring(files);
    QByteArray cursor;
    qint64 first = 0;
    {
        Run run(ring);
        QVERIFY(spinUntil(
            [&] {
                ring.deliver(20);
                return run.job.progress().done > 300;
            },
            Limit));
        cursor = run.cursor;
        first = run.job.progress().done;
    }
    QVERIFY(!cursor.isEmpty());
    // What was under way is owed, and delivered without anybody.
    Run second(ring, cursor);
    QVERIFY(spinUntil(
        [&] {
            ring.deliver();
            return second.summary.has_value();
        },
        Limit));
    QVERIFY(allInPlace(ring, files));
    QVERIFY2(second.job.progress().total < files * 3 / 5 - first / 2,
             QByteArray::number(second.job.progress().total).constData());
}

void TestRebalance::pausedItOwesNothingMore()
{
    Grown ring(1'000);
    Run run(ring);
    QVERIFY(spinUntil([&] { return ring.owed() > 0; }, Limit));
    run.job.setPaused(true);
    ring.deliver();
    QVERIFY(!spinUntil([&] { return ring.owed() > 0; }, 500));
    run.job.setPaused(false);
    QVERIFY(spinUntil(
        [&] {
            ring.deliver();
            return run.summary.has_value();
        },
        Limit));
    QVERIFY(allInPlace(ring, 1'000));
}

void TestRebalance::cancelledItLeavesTheRest()
{
    Grown ring(1'000);
    Run run(ring);
    QVERIFY(spinUntil([&] { return ring.owed() > 0; }, Limit));
    run.job.cancel();
    QVERIFY(spinUntil([&] { return run.summary.has_value(); }, Limit));
    QCOMPARE(run.count("left"), ring.owed());
    ring.deliver();
    QVERIFY(!spinUntil([&] { return ring.owed() > 0; }, 500));
}

/// It says at once for whom it waits, and not for ever: what that one is to get stays owed.
void TestRebalance::doesNotWaitForAServerThatStaysAway()
{
    Grown ring(300);
    health::Backend &fifth = *ring.environment().backends.find(BareRing::name(5));
    health::Backend::Health down;
    down.state = health::Backend::State::Down;
    down.reason = QStringLiteral("refuses connections");
    fifth.setHealth(down);
    QElapsedTimer time;
    time.start();
    Run run(ring);
    QString told;
    QObject::connect(&run.job, &jobs::Job::progressed, &run.job, [&] { told = run.job.progress().phase; });
    QVERIFY(spinUntil([&] { return told == QStringLiteral("waiting for charm5"); }, 5'000));
    QVERIFY(spinUntil([&] { return run.summary.has_value(); }, 3 * Limit));
    QVERIFY2(time.elapsed() > 12'000, "it waits as long as a server takes to start again");
    QCOMPARE(run.count("moved"), 0);
    QCOMPARE(run.count("left"), run.job.progress().total);
    QCOMPARE(run.count("left"), ring.owed());
    QVERIFY(!run.summary->contains(QStringLiteral("findings")));
    QCOMPARE(run.summary->value(QStringLiteral("unheard")).toObject().keys(), QStringList{BareRing::name(5)});
}

void TestRebalance::keepsToThePace()
{
    Grown ring(1'000);
    ring.shared.throttle.setRates({100, 0});
    Run run(ring);
    qsizetype delivered = 0;
    QVERIFY(!spinUntil(
        [&] {
            delivered += ring.deliver();
            return run.summary.has_value();
        },
        2'000));
    QVERIFY2(delivered > 0 && delivered < 700, QByteArray::number(delivered).constData());
}

QTEST_GUILESS_MAIN(TestRebalance)
#include "tst_rebalance.moc"
