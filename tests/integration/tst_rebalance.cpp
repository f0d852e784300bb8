// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"
#include "tests/integration/localring.h"
#include "tests/support/spin.h"

#include <QJsonDocument>
#include <QTest>

using namespace cring;
using namespace cring::test;

/// Five servers, three copies of each file: whatever becomes of the servers, no read fails, no more is copied
/// than has to be, and in the end there are three copies of each file and no other.
class TestRebalance : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anyTwoServersMayDieUnderLoad();
    void serversComeAndGoUnderLoad();
    void filesOfARemovedServerGetCopiesElsewhere();
    void rebalanceGoesOnAfterARestart();
    void drainIsRefusedWhereItWouldLeaveTooFew();
    void handoffsComeBackAcrossAKillOfTheRing();
};

namespace {

constexpr int Settle = 60'000;
constexpr int Replicas = 3;
const QList<int> All = {0, 1, 2, 3, 4};

/// A rebalance that runs, and its summary once it has ended.
struct Rebalancing
{
    explicit Rebalancing(LocalRing &ring, const QByteArray &from = {})
        : job(ring.upkeep().makeRebalance())
    {
        QObject::connect(job.get(), &jobs::Job::finished, job.get(),
                         [this](const Result<QJsonObject> &result) { summary = *result; });
        QObject::connect(job.get(), &jobs::Job::progressed, job.get(),
                         [this](const QByteArray &at) { cursor = at; });
        job->start(from);
    }

    std::unique_ptr<jobs::Job> job;
    QByteArray cursor;
    std::optional<QJsonObject> summary;
};

std::optional<repair::RebalancePlan> planOf(LocalRing &ring)
{
    std::optional<repair::RebalancePlan> plan;
    QObject context;
    ring.upkeep().planRebalance(&context, [&](const repair::RebalancePlan &made) { plan = made; });
    (void)spinUntil([&] { return plan.has_value(); }, 10'000);
    return plan;
}

/// Copies of files that servers have got which had none, against what they had before.
using Holdings = QMap<QByteArray, QList<int>>;
qint64 arrived(const Holdings &before, const Holdings &after)
{
    qint64 count = 0;
    for (auto file = after.begin(); file != after.end(); ++file) {
        for (const int server : *file)
            count += before.value(file.key()).contains(server) ? 0 : 1;
    }
    return count;
}

Holdings holdings(LocalRing &ring, int files)
{
    Holdings all;
    for (int i = 0; i < files; ++i) {
        const QByteArray path = "folder" + QByteArray::number(i % 3) + "/file" + QByteArray::number(i);
        all.insert(path, ring.holders(path));
    }
    return all;
}

#define VERIFY_NO_FAILURE(load)                                                                              \
    QVERIFY2((load).failures().isEmpty(),                                                                    \
             (QByteArray::number((load).failures().size()) + " of " + QByteArray::number((load).reads()) +   \
              " reads failed:\n" + (load).failures().mid(0, 5).join('\n'))                                   \
                 .constData())
#define VERIFY_EXACT(load, servers)                                                                          \
    do {                                                                                                     \
        QByteArray faults;                                                                                   \
        (void)spinUntil(                                                                                     \
            [&] {                                                                                            \
                faults = (load).faults(Replicas, servers);                                                   \
                return faults.isEmpty();                                                                     \
            },                                                                                               \
            Settle);                                                                                         \
        QVERIFY2(faults.isEmpty(), faults.constData());                                                      \
    } while (false)

#define VERIFY_BALANCED(ring)                                                                                \
    do {                                                                                                     \
        const auto left = planOf(ring);                                                                      \
        QVERIFY(left);                                                                                       \
        QVERIFY2(left->isEmpty(), QJsonDocument(left->toJson()).toJson(QJsonDocument::Compact).constData()); \
    } while (false)

} // namespace

void TestRebalance::anyTwoServersMayDieUnderLoad()
{
    LocalRing ring(5);
    CRING_OK(ring.start(All));
    MixedLoad load(ring);
    CRING_OK(load.fill(40));
    for (int first = 0; first < 5; ++first) {
        const int second = (first + 1 + first % 2) % 5;
        QVERIFY(spinUntil([&] { return ring.isWhole(); }, Settle));
        ring.at(first).kill9();
        for (int i = 0; i < 4; ++i)
            load.round();
        ring.at(second).kill9();
        for (int i = 0; i < 20; ++i)
            load.round();
        VERIFY_NO_FAILURE(load);
        CRING_OK(ring.at(first).start());
        CRING_OK(ring.at(second).start());
        for (int i = 0; i < 4; ++i)
            load.round();
        VERIFY_NO_FAILURE(load);
    }
    QVERIFY(spinUntil([&] { return ring.isWhole(); }, Settle));
    VERIFY_EXACT(load, All);
    VERIFY_NO_FAILURE(load);
    qInfo("%d reads, %d writes, %d of these refused", load.reads(), load.writes(), load.refused());
}

void TestRebalance::serversComeAndGoUnderLoad()
{
    constexpr int files = 300;
    const QList<int> four = {0, 1, 2, 3};
    const QList<int> others = {0, 2, 3, 4};
    LocalRing ring(5);
    CRING_OK(ring.start(four));
    MixedLoad load(ring);
    CRING_OK(load.fill(files));
    QVERIFY(spinUntil([&] { return ring.isWhole(); }, Settle));
    VERIFY_EXACT(load, four);

    // One joins. Nothing moves by itself.
    const Holdings before = holdings(ring, files);
    CRING_OK(ring.setServers(All));
    const auto plan = planOf(ring);
    QVERIFY(plan);
    QCOMPARE(plan->copies, files * Replicas);
    QVERIFY2(plan->copy.files > 0 && plan->copy.files <= 1.05 * static_cast<double>(plan->leastCopies),
             QByteArray::number(plan->copy.files).constData());
    QVERIFY(ring.isWhole());
    QCOMPARE(ring.filesOn(4), 0);

    Rebalancing joining(ring);
    QVERIFY(load.roundsUntil([&] { return joining.summary.has_value(); }, Settle));
    VERIFY_NO_FAILURE(load);
    VERIFY_EXACT(load, All);
    const Holdings joined = holdings(ring, files);
    const qint64 moved = arrived(before, joined);
    QVERIFY2(moved <= 1.05 * static_cast<double>(plan->leastCopies), QByteArray::number(moved).constData());
    QCOMPARE(joining.summary->value(QLatin1String("left")).toInteger(), 0);
    VERIFY_BALANCED(ring);

    // One leaves: the person's word is the drain, and all else comes by itself.
    const qint64 held = ring.filesOn(1);
    const auto words = ring.upkeep().drain(ring.at(1).name());
    CRING_OK(words);
    QVERIFY2(words->contains(QStringLiteral("is being drained")), qPrintable(*words));
    QVERIFY(load.roundsUntil([&] { return ring.filesOn(1) == 0 && ring.isWhole(); }, Settle));
    VERIFY_NO_FAILURE(load);
    VERIFY_EXACT(load, others);
    const qint64 given = arrived(joined, holdings(ring, files));
    QVERIFY2(given <= 1.05 * static_cast<double>(held),
             (QByteArray::number(given) + " for " + QByteArray::number(held)).constData());
    QVERIFY(load.roundsUntil(
        [&] { return ring.upkeep().counts()->servers.value(ring.at(1).name()).needed.files == 0; }, Settle));
    CRING_OK(ring.setServers(others));
    ring.at(1).kill9();
    for (int i = 0; i < 20; ++i)
        load.round();
    VERIFY_NO_FAILURE(load);
    QCOMPARE(load.refused(), 0);
    VERIFY_EXACT(load, others);
    qInfo("%d reads, %d writes; joining moved %lld copies (least %lld), draining %lld of %lld", load.reads(),
          load.writes(), moved, plan->leastCopies, given, held);
}

void TestRebalance::filesOfARemovedServerGetCopiesElsewhere()
{
    const QList<int> left = {0, 1, 3, 4};
    LocalRing ring(5);
    CRING_OK(ring.start(All));
    MixedLoad load(ring);
    CRING_OK(load.fill(60));
    QVERIFY(spinUntil([&] { return ring.isWhole(); }, Settle));
    QVERIFY(ring.filesOn(2) > 0);
    ring.at(2).kill9();
    CRING_OK(ring.setServers(left));
    QVERIFY(load.roundsUntil([&] { return ring.isWhole(); }, Settle));
    VERIFY_NO_FAILURE(load);
    const Holdings now = holdings(ring, 60);
    for (auto file = now.begin(); file != now.end(); ++file) {
        QList<int> holders = *file;
        holders.removeAll(2);
        QCOMPARE(holders.size(), Replicas);
    }
}

void TestRebalance::rebalanceGoesOnAfterARestart()
{
    constexpr int files = 400;
    LocalRing ring(5);
    CRING_OK(ring.start({0, 1, 2, 3}));
    MixedLoad load(ring);
    CRING_OK(load.fill(files));
    QVERIFY(spinUntil([&] { return ring.isWhole(); }, Settle));
    CRING_OK(ring.setServers(All));
    QByteArray cursor;
    {
        Rebalancing first(ring);
        QVERIFY(spinUntil([&] { return first.job->progress().done > 10; }, Settle));
        cursor = first.cursor;
    }
    CRING_OK(ring.restart());
    load.round(); // brings a token
    Rebalancing second(ring, cursor);
    QVERIFY(load.roundsUntil([&] { return second.summary.has_value(); }, Settle));
    VERIFY_NO_FAILURE(load);
    VERIFY_EXACT(load, All);
    VERIFY_BALANCED(ring);
}

void TestRebalance::drainIsRefusedWhereItWouldLeaveTooFew()
{
    LocalRing ring(3);
    CRING_OK(ring.start({0, 1, 2}));
    QCOMPARE(ring.upkeep().drain(QStringLiteral("nobody")).error().code, Code::NotFound);
    const auto first = ring.upkeep().drain(ring.at(2).name());
    CRING_OK(first);
    QVERIFY2(first->contains(QStringLiteral("on 2 servers, not 3")), qPrintable(*first));
    QCOMPARE(ring.upkeep().drain(ring.at(1).name()).error().code, Code::TooFewServers);
    CRING_OK(ring.restart());
    // It is remembered, and can be said again.
    CRING_OK(ring.upkeep().drain(ring.at(2).name()));
    CRING_OK(ring.upkeep().resume(ring.at(2).name()));
    CRING_OK(ring.upkeep().drain(ring.at(1).name()));
    CRING_OK(ring.upkeep().resume(ring.at(1).name()));
    // What a new one brings along has to be known first.
    ring.store().members.setState(ring.store().members.number(ring.at(2).name()),
                                  state::Members::State::Joined);
    const auto joined = ring.upkeep().drain(ring.at(2).name());
    QCOMPARE(joined.error().code, Code::TooFewServers);
    QVERIFY2(joined.error().detail.contains(QStringLiteral("has not been gone through")),
             qPrintable(joined.error().detail));
    ring.store().members.setState(ring.store().members.number(ring.at(2).name()),
                                  state::Members::State::Trusted);
    // One that was left out, and has missed nothing, is as good as before once it has been gone through.
    CRING_OK(ring.setServers({0, 1}));
    CRING_OK(ring.setServers({0, 1, 2}));
    QVERIFY(spinUntil([&] { return bool(ring.upkeep().drain(ring.at(2).name())); }, Settle));
}

/// Two servers are away, others stand in for them; then the ring is killed, and all come back.
void TestRebalance::handoffsComeBackAcrossAKillOfTheRing()
{
    constexpr int files = 60;
    FaultyRing ring(5);
    CRING_OK(ring.startServers());
    CRING_OK(ring.startRing());
    ring.at(1).kill9();
    ring.at(3).kill9();
    QVERIFY(spinUntil([&] { return !ring.isUp(1) && !ring.isUp(3); }, 10'000));
    const auto path = [](int i) {
        return "file" + QByteArray::number(i);
    };
    for (int i = 0; i < files; ++i)
        QCOMPARE(ring.upload(path(i), FaultyRing::content(3'000, path(i))).status, 200);
    const auto held = [&](int i) {
        int count = 0;
        for (const int server : All)
            count += ring.onDisk(server, path(i)).isNull() ? 0 : 1;
        return count;
    };
    // All three that are left have every file.
    for (int i = 0; i < files; ++i)
        QVERIFY(spinUntil([&] { return held(i) == Replicas; }, 10'000));

    CRING_OK(ring.at(1).start());
    CRING_OK(ring.at(3).start());
    // In the middle of giving back.
    QVERIFY(spinUntil(
        [&] {
            int back = 0;
            for (int i = 0; i < files; ++i)
                back += ring.onDisk(1, path(i)).isNull() ? 0 : 1;
            return back > 2;
        },
        20'000));
    ring.ring().kill9();
    CRING_OK(ring.ring().start());
    QByteArrayList wrong;
    (void)spinUntil(
        [&] {
            wrong.clear();
            for (int i = 0; i < files; ++i) {
                if (ring.get(path(i)).body != FaultyRing::content(3'000, path(i)))
                    wrong << path(i) + " cannot be read";
                if (held(i) != Replicas)
                    wrong << path(i) + " is on " + QByteArray::number(held(i)) + " servers";
            }
            return wrong.isEmpty();
        },
        Settle);
    QVERIFY2(wrong.isEmpty(), wrong.join('\n').constData());
    const auto owned = [&](int server) {
        int count = 0;
        for (int i = 0; i < files; ++i)
            count += ring.onDisk(server, path(i)).isNull() ? 0 : 1;
        return count;
    };
    // The two have their share, not all of it.
    for (const int server : {1, 3})
        QVERIFY2(owned(server) > files / 5 && owned(server) < files,
                 QByteArray::number(owned(server)).constData());
}

QTEST_GUILESS_MAIN(TestRebalance)
#include "tst_rebalance.moc"
