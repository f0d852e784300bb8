// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/telemetry/metrics.h"

#include <optional>

namespace cring::telemetry {

/// What this process takes of the machine, under the names that every Prometheus client library gives it
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics). From /proc: Linux.
class ProcessMetrics final : public ICollector
{
public:
    ProcessMetrics();

    void collect(Samples &samples) const override;

private:
    const std::optional<double> m_startTime; ///< Seconds since 1970.
};

} // namespace cring::telemetry
