// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/circuitbreaker.h"

#include <QTest>

using namespace cring;
using namespace std::chrono_literals;
using health::CircuitBreaker;
using State = CircuitBreaker::State;

class TestCircuitBreaker : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void opensAfterThreeFailuresInARow();
    void aSuccessBetweenStartsTheCountAnew();
    void letsOneTrialThroughAtATime();
    void askingTakesNoTrial();
    void aTrialThatWasCalledOffMakesWay();
    void aTrialThatNobodySettlesMakesWay();
    void pausesGrowToThirtySecondsAndAreJittered();
    void failuresOfRequestsUnderWayDoNotLengthenThePause();
    void aWorkingProbeClosesItOnlyIfProbesHadFailed();
    void aWorkingProbeDoesNotForgetRequestsThatHang();
    void failedProbesOpenIt();
    void goesOnWhereAnotherOneIs();

private:
    void open();

    std::unique_ptr<ManualClock> m_clock;
    std::unique_ptr<SeededRandom> m_random;
    std::unique_ptr<CircuitBreaker> m_breaker;
};

void TestCircuitBreaker::init()
{
    m_clock = std::make_unique<ManualClock>();
    m_random = std::make_unique<SeededRandom>(7);
    m_breaker = std::make_unique<CircuitBreaker>(*m_clock, *m_random);
}

void TestCircuitBreaker::open()
{
    for (int i = 0; i < 3; ++i)
        m_breaker->failed(QStringLiteral("timed out"));
    QCOMPARE(m_breaker->state(), State::Open);
}

void TestCircuitBreaker::opensAfterThreeFailuresInARow()
{
    m_breaker->failed(QStringLiteral("refused the connection"));
    m_breaker->failed(QStringLiteral("refused the connection"));
    QVERIFY(m_breaker->allows());
    m_breaker->failed(QStringLiteral("timed out"));
    QVERIFY(!m_breaker->allows());
    QCOMPARE(m_breaker->lastReason(), QStringLiteral("timed out"));
}

void TestCircuitBreaker::aSuccessBetweenStartsTheCountAnew()
{
    for (int i = 0; i < 10; ++i) {
        m_breaker->failed(QStringLiteral("timed out"));
        m_breaker->failed(QStringLiteral("timed out"));
        m_breaker->succeeded();
    }
    QCOMPARE(m_breaker->state(), State::Closed);
    QVERIFY(m_breaker->lastReason().isEmpty());
}

void TestCircuitBreaker::letsOneTrialThroughAtATime()
{
    open();
    m_clock->advance(1200ms);
    QCOMPARE(m_breaker->state(), State::HalfOpen);
    QVERIFY(m_breaker->allows());
    QVERIFY(!m_breaker->allows());
    QVERIFY(!m_breaker->wouldAllow());
    m_breaker->succeeded();
    QCOMPARE(m_breaker->state(), State::Closed);
    QVERIFY(m_breaker->allows());
    QVERIFY(m_breaker->allows());
}

void TestCircuitBreaker::askingTakesNoTrial()
{
    open();
    QVERIFY(!m_breaker->wouldAllow());
    m_clock->advance(1200ms);
    QVERIFY(m_breaker->wouldAllow());
    QVERIFY(m_breaker->wouldAllow());
    QVERIFY(m_breaker->allows());
}

void TestCircuitBreaker::aTrialThatWasCalledOffMakesWay()
{
    open();
    m_clock->advance(1200ms);
    QVERIFY(m_breaker->allows());
    m_breaker->abandoned();
    QCOMPARE(m_breaker->state(), State::HalfOpen);
    QVERIFY(m_breaker->allows());
}

void TestCircuitBreaker::aTrialThatNobodySettlesMakesWay()
{
    open();
    m_clock->advance(1200ms);
    QVERIFY(m_breaker->allows());
    m_clock->advance(9s);
    QVERIFY(!m_breaker->allows());
    m_clock->advance(1s);
    QVERIFY(m_breaker->allows());
    QVERIFY(!m_breaker->allows());
}

void TestCircuitBreaker::pausesGrowToThirtySecondsAndAreJittered()
{
    open();
    bool jittered = false;
    for (const auto expected : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        const auto pause = m_breaker->retryAt() - m_clock->steady();
        QVERIFY2(pause >= expected * 0.8 && pause <= expected * 1.2,
                 qPrintable(QString::number(pause.count())));
        jittered = jittered || pause != expected;
        m_clock->advance(pause);
        QVERIFY(m_breaker->allows());
        m_breaker->failed(QStringLiteral("timed out"));
        QVERIFY(!m_breaker->allows());
    }
    QVERIFY(jittered);

    m_clock->advance(40s);
    QVERIFY(m_breaker->allows());
    m_breaker->succeeded();
    open();
    QVERIFY2(m_breaker->retryAt() - m_clock->steady() <= 1200ms, "a success starts the growth anew");
}

void TestCircuitBreaker::failuresOfRequestsUnderWayDoNotLengthenThePause()
{
    open();
    const auto retryAt = m_breaker->retryAt();
    for (int i = 0; i < 16; ++i)
        m_breaker->failed(QStringLiteral("dropped the connection"));
    QCOMPARE(m_breaker->retryAt(), retryAt);
}

void TestCircuitBreaker::aWorkingProbeClosesItOnlyIfProbesHadFailed()
{
    open();
    m_breaker->probeSucceeded();
    QCOMPARE(m_breaker->state(), State::Open);
    m_breaker->probeFailed(QStringLiteral("refused the connection"));
    m_breaker->probeSucceeded();
    QCOMPARE(m_breaker->state(), State::Closed);
}

void TestCircuitBreaker::aWorkingProbeDoesNotForgetRequestsThatHang()
{
    m_breaker->failed(QStringLiteral("timed out"));
    m_breaker->probeSucceeded();
    m_breaker->failed(QStringLiteral("timed out"));
    m_breaker->probeSucceeded();
    m_breaker->failed(QStringLiteral("timed out"));
    QCOMPARE(m_breaker->state(), State::Open);
}

void TestCircuitBreaker::failedProbesOpenIt()
{
    for (int i = 0; i < 3; ++i)
        m_breaker->probeFailed(QStringLiteral("timed out"));
    QCOMPARE(m_breaker->state(), State::Open);
    m_breaker->probeSucceeded();
    QCOMPARE(m_breaker->state(), State::Closed);
}

void TestCircuitBreaker::goesOnWhereAnotherOneIs()
{
    m_breaker->failed(QStringLiteral("timed out"));
    m_breaker->failed(QStringLiteral("timed out"));
    CircuitBreaker closed(*m_clock, *m_random);
    closed.inherit(*m_breaker);
    QCOMPARE(closed.state(), State::Closed);
    closed.failed(QStringLiteral("timed out"));
    QCOMPARE(closed.state(), State::Open);
    m_breaker->failed(QStringLiteral("refused the connection"));
    CircuitBreaker opened(*m_clock, *m_random);
    opened.inherit(*m_breaker);
    QVERIFY(!opened.wouldAllow());
    QCOMPARE(opened.retryAt(), m_breaker->retryAt());
    QCOMPARE(opened.lastReason(), QStringLiteral("refused the connection"));
    // A trial of the other one's says nothing here.
    m_clock->advance(opened.retryAt() - m_clock->steady());
    QVERIFY(m_breaker->allows());
    CircuitBreaker third(*m_clock, *m_random);
    third.inherit(*m_breaker);
    QVERIFY(third.allows());
}

QTEST_APPLESS_MAIN(TestCircuitBreaker)
#include "tst_circuitbreaker.moc"
