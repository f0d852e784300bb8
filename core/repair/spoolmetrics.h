// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/spool.h"
#include "core/telemetry/metrics.h"

namespace cring::repair {

/// What lies in the spool. It outlives this.
class SpoolMetrics final : public telemetry::ICollector
{
public:
    explicit SpoolMetrics(const state::Spool &spool)
        : m_spool(spool)
    {
    }

    void collect(telemetry::Samples &samples) const override;

private:
    const state::Spool &m_spool;
};

} // namespace cring::repair
