// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/ratelimit.h"

#include <algorithm>
#include <cmath>

namespace cring {

namespace {

using namespace std::chrono_literals;

/// Of a second's allowance: what is held after a rest, so that work does not come in bursts.
constexpr double kBurst = 0.1;
/// The share may be another one meanwhile: the wait is measured anew.
constexpr auto kLookAgain = 200ms;

} // namespace

RateLimit::RateLimit(const IClock &clock, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_share([] { return 1.0; })
    , m_refilled(clock.steady())
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &RateLimit::handleTime);
}

void RateLimit::setRate(qint64 rate)
{
    refill();
    m_rate = std::max<qint64>(0, rate);
    m_level = std::min(m_level, kBurst * static_cast<double>(m_rate));
    schedule();
}

void RateLimit::setShare(std::function<double()> share)
{
    refill();
    m_share = std::move(share);
    schedule();
}

void RateLimit::refill()
{
    const auto now = m_clock.steady();
    const double seconds = static_cast<double>((now - m_refilled).count()) / 1000;
    const double rate = static_cast<double>(m_rate);
    m_level = std::min(kBurst * rate, m_level + rate * m_share() * seconds);
    m_refilled = now;
}

void RateLimit::take(qint64 amount, QObject *context, std::function<void()> granted)
{
    m_waiting.push_back({context, std::move(granted), amount});
    schedule();
}

bool RateLimit::spend(qint64 amount)
{
    refill();
    if (!unlimited())
        m_level -= static_cast<double>(amount);
    return owes();
}

void RateLimit::schedule()
{
    if (m_waiting.empty())
        return;
    refill();
    auto wait = 0ms;
    if (owes())
        wait = std::chrono::milliseconds(
            static_cast<qint64>(std::ceil(-m_level * 1000 / (static_cast<double>(m_rate) * m_share()))));
    wait = std::min<std::chrono::milliseconds>(wait, kLookAgain);
    if (!m_timer.isActive() || m_timer.remainingTimeAsDuration() > wait)
        m_timer.start(wait);
}

void RateLimit::handleTime()
{
    refill();
    // Whoever asks again meanwhile waits for the next turn of the event loop.
    std::list<Waiting> before = std::exchange(m_waiting, {});
    while (!before.empty() && !owes()) {
        const Waiting next = std::move(before.front());
        before.pop_front();
        if (!next.context)
            continue;
        (void)spend(next.amount);
        next.granted();
    }
    m_waiting.splice(m_waiting.begin(), before);
    schedule();
}

} // namespace cring
