// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/snapshot.h"
#include "core/jobs/jobs.h"
#include "core/service/queuetally.h"
#include "core/telemetry/counters.h"
#include "core/telemetry/metrics.h"

#include <functional>

namespace cring::service {

/// What the ring's metrics are taken from: the snapshot that people see, and what it does not hold.
struct RingFigures
{
    control::Snapshot snapshot;
    int connections = 0; ///< At the HTTP front.
    telemetry::KindCounters sshSessions;
    quint64 sshReceived = 0;           ///< Bytes from clients.
    quint64 sshSent = 0;               ///< Bytes to clients.
    const jobs::Jobs *jobs = nullptr;  ///< Null: there are none to tell of.
    const QueueTally *queue = nullptr; ///< The same.
};

/// The servers, one by one, and the ring as a whole.
class RingMetrics final : public telemetry::ICollector
{
public:
    /// Asked with each scrape: a reload replaces what it looks at.
    explicit RingMetrics(std::function<RingFigures()> look)
        : m_look(std::move(look))
    {
    }

    void collect(telemetry::Samples &samples) const override;

private:
    std::function<RingFigures()> m_look;
};

} // namespace cring::service
