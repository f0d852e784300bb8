// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/throttle.h"
#include "tests/support/spin.h"

#include <QTest>

using namespace cring;
using namespace cring::repair;
using namespace std::chrono_literals;
using cring::test::spinUntil;

class TestThrottle : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void filesGoAtTheirRate();
    void bytesArePaidForAfterwards();
    void goesSlowlyBesideClients();
    void withoutALimitNothingWaits();
    void servesInOrder();
    void forgetsWhoHasDied();
    void restDoesNotAddUp();
};

namespace {

constexpr int Limit = 5'000;
/// Longer than the throttle sleeps.
constexpr int Moment = 300;

struct Known
{
    ManualClock clock;
    telemetry::Counters counters;
    Throttle throttle{clock, counters};
    QObject context;

    /// Waits for what is asked for, while the clock stands still.
    bool isGranted(qint64 files)
    {
        bool granted = false;
        QObject asking;
        throttle.takeFiles(files, &asking, [&] { granted = true; });
        return spinUntil([&] { return granted; }, Moment);
    }
};

} // namespace

void TestThrottle::filesGoAtTheirRate()
{
    Known known;
    known.throttle.setRates({10, 0});
    QVERIFY(known.isGranted(100)); // paid for afterwards
    known.clock.advance(9'900ms);
    QVERIFY(!known.isGranted(1));
    known.clock.advance(200ms);
    QVERIFY(known.isGranted(1));
}

void TestThrottle::bytesArePaidForAfterwards()
{
    Known known;
    known.throttle.setRates({0, 1'000});
    QVERIFY(known.throttle.spendBytes(5'000));
    bool readable = false;
    known.throttle.whenReadable(&known.context, [&] { readable = true; });
    known.clock.advance(4'900ms);
    QVERIFY(!spinUntil([&] { return readable; }, Moment));
    known.clock.advance(200ms);
    QVERIFY(spinUntil([&] { return readable; }, Limit));
    QVERIFY(!known.throttle.spendBytes(1));
}

/// At a tenth; it never stops for good.
void TestThrottle::goesSlowlyBesideClients()
{
    Known known;
    known.throttle.setRates({10, 0});
    const telemetry::RequestTally client(known.counters, known.clock, telemetry::Kind::Upload);
    QVERIFY(known.isGranted(10));
    known.clock.advance(1'100ms);
    QVERIFY(!known.isGranted(1));
    known.clock.advance(9'000ms);
    QVERIFY(known.isGranted(1));
}

void TestThrottle::withoutALimitNothingWaits()
{
    Known known;
    known.throttle.setRates({0, 0});
    QVERIFY(known.isGranted(1'000'000));
    QVERIFY(known.isGranted(1'000'000));
    QVERIFY(!known.throttle.spendBytes(1'000'000'000));
}

void TestThrottle::servesInOrder()
{
    Known known;
    known.throttle.setRates({1, 0});
    QList<int> order;
    for (int i = 0; i < 3; ++i)
        known.throttle.takeFiles(1, &known.context, [&, i] { order << i; });
    QVERIFY(spinUntil(
        [&] {
            known.clock.advance(100ms);
            return order.size() == 3;
        },
        Limit));
    QCOMPARE(order, (QList<int>{0, 1, 2}));
}

void TestThrottle::forgetsWhoHasDied()
{
    Known known;
    known.throttle.setRates({10, 0});
    bool called = false;
    {
        QObject dying;
        known.throttle.takeFiles(1'000'000, &dying, [&] { called = true; });
    }
    QVERIFY(known.isGranted(1)); // what it asked for is not paid for by others
    QVERIFY(!called);
}

void TestThrottle::restDoesNotAddUp()
{
    Known known;
    known.throttle.setRates({100, 0});
    known.clock.advance(std::chrono::hours(1));
    QVERIFY(known.isGranted(100));
    QVERIFY(!known.isGranted(1)); // a tenth of a second's worth was there
    known.clock.advance(950ms);
    QVERIFY(known.isGranted(1));
}

QTEST_GUILESS_MAIN(TestThrottle)
#include "tst_throttle.moc"
