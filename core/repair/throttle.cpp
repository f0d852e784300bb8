// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/throttle.h"

namespace cring::repair {

namespace {

/// Of the rates, while clients' requests are under way.
constexpr double kShareBesideClients = 0.1;

} // namespace

Throttle::Throttle(const IClock &clock, const telemetry::Counters &counters, QObject *parent)
    : QObject(parent)
    , m_files(clock)
    , m_bytes(clock)
{
    for (RateLimit *limit : {&m_files, &m_bytes})
        limit->setShare([&counters] { return counters.inFlight() > 0 ? kShareBesideClients : 1.0; });
}

void Throttle::setRates(const Rates &rates)
{
    m_files.setRate(rates.files);
    m_bytes.setRate(rates.bytes);
}

void Throttle::takeFiles(qint64 files, QObject *context, std::function<void()> granted)
{
    m_files.take(files, context, std::move(granted));
}

bool Throttle::spendBytes(qint64 bytes)
{
    return m_bytes.spend(bytes);
}

void Throttle::whenReadable(QObject *context, std::function<void()> readable)
{
    m_bytes.take(0, context, std::move(readable));
}

} // namespace cring::repair
