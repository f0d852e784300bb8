// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/throttle.h"

#include <algorithm>
#include <cmath>

namespace cring::repair {

namespace {

using namespace std::chrono_literals;

/// Of the rates, while clients' requests are under way.
constexpr double kShareBesideClients = 0.1;
/// Of a second's allowance: what a bucket holds after a rest, so that work does not come in bursts.
constexpr double kBurst = 0.1;
/// A client may come or go meanwhile: the wait is measured anew.
constexpr auto kLookAgain = 200ms;

} // namespace

// ---- buckets ----

void Throttle::Bucket::setRate(qint64 rate)
{
    m_rate = std::max<qint64>(0, rate);
    m_level = std::min(m_level, kBurst * static_cast<double>(m_rate));
}

void Throttle::Bucket::refill(std::chrono::milliseconds passed, double share)
{
    const double rate = static_cast<double>(m_rate);
    m_level = std::min(kBurst * rate, m_level + rate * share * static_cast<double>(passed.count()) / 1000);
}

void Throttle::Bucket::take(qint64 amount)
{
    if (!unlimited())
        m_level -= static_cast<double>(amount);
}

std::chrono::milliseconds Throttle::Bucket::wait(double share) const
{
    if (!owes())
        return 0ms;
    return std::chrono::milliseconds(
        static_cast<qint64>(std::ceil(-m_level * 1000 / (static_cast<double>(m_rate) * share))));
}

// ---- the throttle ----

Throttle::Throttle(const IClock &clock, const telemetry::Counters &counters, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_counters(counters)
    , m_refilled(clock.steady())
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Throttle::handleTime);
}

void Throttle::setRates(const Rates &rates)
{
    refill();
    m_files.setRate(rates.files);
    m_bytes.setRate(rates.bytes);
    schedule();
}

double Throttle::share() const
{
    return m_counters.inFlight() > 0 ? kShareBesideClients : 1.0;
}

void Throttle::refill()
{
    const auto now = m_clock.steady();
    m_files.refill(now - m_refilled, share());
    m_bytes.refill(now - m_refilled, share());
    m_refilled = now;
}

void Throttle::takeFiles(qint64 files, QObject *context, std::function<void()> granted)
{
    m_forFiles.push_back({context, std::move(granted), files});
    schedule();
}

bool Throttle::spendBytes(qint64 bytes)
{
    refill();
    m_bytes.take(bytes);
    return m_bytes.owes();
}

void Throttle::whenReadable(QObject *context, std::function<void()> readable)
{
    m_forBytes.push_back({context, std::move(readable), 0});
    schedule();
}

void Throttle::schedule()
{
    if (m_forFiles.empty() && m_forBytes.empty())
        return;
    refill();
    auto wait = kLookAgain;
    if (!m_forFiles.empty())
        wait = std::min(wait, m_files.wait(share()));
    if (!m_forBytes.empty())
        wait = std::min(wait, m_bytes.wait(share()));
    if (!m_timer.isActive() || m_timer.remainingTimeAsDuration() > wait)
        m_timer.start(wait);
}

void Throttle::handleTime()
{
    refill();
    grant(m_forFiles, m_files);
    grant(m_forBytes, m_bytes);
    schedule();
}

void Throttle::grant(std::list<Waiting> &waiting, Bucket &bucket)
{
    // Whoever asks again meanwhile waits for the next turn of the event loop.
    std::list<Waiting> before = std::exchange(waiting, {});
    while (!before.empty() && !bucket.owes()) {
        const Waiting next = std::move(before.front());
        before.pop_front();
        if (!next.context)
            continue;
        bucket.take(next.files);
        next.granted();
    }
    waiting.splice(waiting.begin(), before);
}

} // namespace cring::repair
