// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/telemetry/counters.h"

#include <QTest>

using namespace cring;
using namespace cring::telemetry;
using namespace std::chrono_literals;

class TestCounters : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsARequestOnceUnderItsOutcome();
    void countsAForgottenOutcomeAsAbandoned();
    void measuresUntilTheOutcomeIsKnown();
    void measuresFromWhenTheRequestCame();
    void measuresWhatNobodyEnded();
    void sortsTimesIntoClasses_data();
    void sortsTimesIntoClasses();
};

void TestCounters::countsARequestOnceUnderItsOutcome()
{
    const ManualClock clock;
    Counters counters;
    {
        RequestTally tally(counters, clock, Kind::Upload);
        QCOMPARE(counters.inFlight(), 1);
        QCOMPARE(counters.of(Kind::Upload).of(Outcome::Done), 0u);
        tally.setOutcome(Outcome::Done);
    }
    QCOMPARE(counters.inFlight(), 0);
    QCOMPARE(counters.of(Kind::Upload).of(Outcome::Done), 1u);
    QCOMPARE(counters.of(Kind::Upload).of(Outcome::Abandoned), 0u);
}

void TestCounters::countsAForgottenOutcomeAsAbandoned()
{
    const ManualClock clock;
    Counters counters;
    {
        const RequestTally tally(counters, clock, Kind::Download);
    }
    QCOMPARE(counters.of(Kind::Download).of(Outcome::Abandoned), 1u);
}

/// What has the answer lives on for a turn of the loop.
void TestCounters::measuresUntilTheOutcomeIsKnown()
{
    ManualClock clock;
    Counters counters;
    {
        RequestTally tally(counters, clock, Kind::Download);
        clock.advance(20ms);
        tally.setKind(Kind::Listing);
        tally.setOutcome(Outcome::Done);
        clock.advance(100ms);
    }
    QCOMPARE(counters.of(Kind::Listing).latency.sum(), 20ms);
    QCOMPARE(counters.of(Kind::Download).latency.sum(), 0ms);
}

void TestCounters::measuresFromWhenTheRequestCame()
{
    ManualClock clock;
    Counters counters;
    const auto begun = clock.steadyFine();
    clock.advance(30ms);
    {
        RequestTally tally(counters, clock, Kind::Upload);
        tally.setBegun(begun);
        clock.advance(5ms);
    }
    QCOMPARE(counters.of(Kind::Upload).latency.sum(), 35ms);
}

void TestCounters::measuresWhatNobodyEnded()
{
    ManualClock clock;
    Counters counters;
    {
        const RequestTally tally(counters, clock, Kind::Upload);
        clock.advance(7ms);
    }
    QCOMPARE(counters.of(Kind::Upload).latency.sum(), 7ms);
}

void TestCounters::sortsTimesIntoClasses_data()
{
    QTest::addColumn<qint64>("ns");
    QTest::addColumn<int>("expected");
    const int last = static_cast<int>(LatencyHistogram::bounds.size());
    QTest::newRow("nothing") << qint64(0) << 0;
    QTest::newRow("a bound belongs to its class") << qint64(500'000) << 0;
    QTest::newRow("just above it") << qint64(500'001) << 1;
    QTest::newRow("between") << qint64(30'000'000) << 6;
    QTest::newRow("the last bound") << qint64(300'000'000'000) << last - 1;
    QTest::newRow("longer than all") << qint64(300'000'000'001) << last;
}

void TestCounters::sortsTimesIntoClasses()
{
    QFETCH(qint64, ns);
    QFETCH(int, expected);
    LatencyHistogram histogram;
    histogram.observe(std::chrono::nanoseconds(ns));
    for (size_t i = 0; i <= LatencyHistogram::bounds.size(); ++i)
        QCOMPARE(histogram.inClass(i), static_cast<int>(i) == expected ? 1u : 0u);
    QCOMPARE(histogram.sum().count(), ns);
}

QTEST_APPLESS_MAIN(TestCounters)
#include "tst_counters.moc"
