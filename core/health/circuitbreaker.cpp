// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/circuitbreaker.h"

#include <algorithm>

namespace cring::health {
using std::chrono::milliseconds;

namespace {
constexpr int kFailuresToOpen = 3;
constexpr milliseconds kFirstPause{1'000};
constexpr milliseconds kLongestPause{30'000};
constexpr milliseconds kTrialLease{10'000};
constexpr double kSpread = 0.2;
} // namespace

CircuitBreaker::CircuitBreaker(const IClock &clock, IRandom &random)
    : m_clock(clock)
    , m_random(random)
{
}

void CircuitBreaker::inherit(const CircuitBreaker &other)
{
    m_open = other.m_open;
    m_probesAgree = other.m_probesAgree;
    m_failures = other.m_failures;
    m_pause = other.m_pause;
    m_retryAt = other.m_retryAt;
    m_lastReason = other.m_lastReason;
}

bool CircuitBreaker::allows()
{
    if (!wouldAllow())
        return false;
    if (m_open) {
        m_trial = true;
        m_trialSince = m_clock.steady();
    }
    return true;
}

bool CircuitBreaker::wouldAllow() const
{
    switch (state()) {
    case State::Closed:
        return true;
    case State::Open:
        return false;
    case State::HalfOpen:
        return !trialUnderWay();
    }
    Q_UNREACHABLE();
}

void CircuitBreaker::succeeded()
{
    close();
}

void CircuitBreaker::failed(const QString &reason)
{
    m_lastReason = reason;
    if (!m_open) {
        if (++m_failures >= kFailuresToOpen)
            open(kFirstPause);
        return;
    }
    // Requests that were under way when it opened fail one by one; only once the pause is over does that say
    // it was short.
    if (state() == State::HalfOpen)
        open(std::min(m_pause * 2, kLongestPause));
}

void CircuitBreaker::abandoned()
{
    m_trial = false;
}

void CircuitBreaker::probeSucceeded()
{
    if (m_open && m_probesAgree)
        close();
}

void CircuitBreaker::probeFailed(const QString &reason)
{
    failed(reason);
    m_probesAgree = m_open;
}

CircuitBreaker::State CircuitBreaker::state() const
{
    if (!m_open)
        return State::Closed;
    return m_clock.steady() < m_retryAt ? State::Open : State::HalfOpen;
}

void CircuitBreaker::open(milliseconds pause)
{
    m_open = true;
    m_trial = false;
    m_pause = pause;
    const double jittered = static_cast<double>(pause.count()) * m_random.jitter(kSpread);
    m_retryAt = m_clock.steady() + milliseconds(static_cast<qint64>(jittered));
}

void CircuitBreaker::close()
{
    m_open = false;
    m_trial = false;
    m_probesAgree = false;
    m_failures = 0;
    m_pause = milliseconds(0);
    m_lastReason.clear();
}

bool CircuitBreaker::trialUnderWay() const
{
    return m_trial && m_clock.steady() - m_trialSince < kTrialLease;
}

} // namespace cring::health
