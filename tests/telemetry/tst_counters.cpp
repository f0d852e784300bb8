// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/telemetry/counters.h"

#include <QTest>

using namespace cring::telemetry;

class TestCounters : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsARequestOnceUnderItsOutcome();
    void countsAForgottenOutcomeAsAbandoned();
};

void TestCounters::countsARequestOnceUnderItsOutcome()
{
    Counters counters;
    {
        RequestTally tally(counters, Kind::Upload);
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
    Counters counters;
    {
        const RequestTally tally(counters, Kind::Download);
    }
    QCOMPARE(counters.of(Kind::Download).of(Outcome::Abandoned), 1u);
}

QTEST_APPLESS_MAIN(TestCounters)
#include "tst_counters.moc"
