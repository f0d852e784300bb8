// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/telemetry/requestmetrics.h"

namespace cring::telemetry {

namespace {

constexpr Metric kRequests{"cring_requests_total", MetricType::Counter,
                           "Requests that have ended, by kind and by outcome as the client saw it."};
constexpr Metric kInFlight{"cring_requests_in_flight", MetricType::Gauge, "Requests under way now."};
constexpr Metric kDuration{"cring_request_duration_seconds", MetricType::Histogram,
                           "From a request's head to the end of its answer; of an upload, the body's way "
                           "from the client is in it."};
constexpr Metric kQuorumFailures{
    "cring_quorum_failures_total", MetricType::Counter,
    "Requests that the ring answered with 503: too few servers could be reached, or agreed."};
constexpr Metric kBytesIn{"cring_client_received_bytes_total", MetricType::Counter,
                          "Bodies of uploads that came from clients."};
constexpr Metric kBytesOut{"cring_client_sent_bytes_total", MetricType::Counter,
                           "Bodies of downloads that went to clients."};
constexpr Metric kFailovers{"cring_failovers_total", MetricType::Counter,
                            "Reads that went on with another server."};
constexpr Metric kRollbacks{"cring_rollbacks_total", MetricType::Counter,
                            "Refused writes that had to be taken back."};
constexpr Metric kInDoubt{"cring_copies_in_doubt_total", MetricType::Counter,
                          "Copies left in doubt: their server got a change and then failed."};
constexpr Metric kLocalCopies{"cring_local_copies_total", MetricType::Counter,
                              "Uploads that were acknowledged with a copy on this machine's disk as one."};

} // namespace

void RequestMetrics::collect(Samples &samples) const
{
    for (size_t i = 0; i < kindCount; ++i) {
        const auto kind = static_cast<Kind>(i);
        if (kind == Kind::SshSession)
            continue;
        const KindCounters &numbers = m_counters.of(kind);
        const Label label{"kind", kindName(kind)};
        for (size_t j = 0; j < outcomeCount; ++j) {
            const auto outcome = static_cast<Outcome>(j);
            samples.add(kRequests, static_cast<double>(numbers.of(outcome)),
                        {label, {"outcome", outcomeName(outcome)}});
        }
        samples.add(kInFlight, numbers.inFlight, {label});
        samples.add(kDuration, numbers.latency, {label});
        samples.add(kQuorumFailures, static_cast<double>(numbers.quorumFailures), {label});
    }
    samples.add(kBytesIn, static_cast<double>(m_counters.bytesIn));
    samples.add(kBytesOut, static_cast<double>(m_counters.bytesOut));
    samples.add(kFailovers, static_cast<double>(m_counters.failovers));
    samples.add(kRollbacks, static_cast<double>(m_counters.rollbacks));
    samples.add(kInDoubt, static_cast<double>(m_counters.inDoubt));
    samples.add(kLocalCopies, static_cast<double>(m_counters.localCopies));
}

} // namespace cring::telemetry
