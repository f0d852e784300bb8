// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/telemetry/counters.h"
#include "core/telemetry/metrics.h"

namespace cring::telemetry {

/// What clients asked for and what became of it. Not the SSH sessions, which the forwarder counts.
class RequestMetrics final : public ICollector
{
public:
    /// The counters outlive this.
    explicit RequestMetrics(const Counters &counters)
        : m_counters(counters)
    {
    }

    void collect(Samples &samples) const override;

private:
    const Counters &m_counters;
};

} // namespace cring::telemetry
