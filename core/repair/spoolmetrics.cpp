// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/spoolmetrics.h"

namespace cring::repair {

namespace {

using telemetry::Metric;
using telemetry::MetricType;

constexpr Metric kBodies{"cring_spool_bodies", MetricType::Gauge,
                         "Bodies of uploads on this machine's disk that a server is still owed."};
constexpr Metric kBytes{"cring_spool_bytes", MetricType::Gauge,
                        "Bytes of these, and of those that are coming."};
constexpr Metric kBudget{"cring_spool_budget_bytes", MetricType::Gauge,
                         "How many there may be (spool.disk_budget)."};

} // namespace

void SpoolMetrics::collect(telemetry::Samples &samples) const
{
    samples.add(kBodies, static_cast<double>(m_spool.all().size()));
    samples.add(kBytes, static_cast<double>(m_spool.bytes()));
    samples.add(kBudget, static_cast<double>(m_spool.budget()));
}

} // namespace cring::repair
