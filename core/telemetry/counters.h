// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/telemetry/latencyhistogram.h"

#include <QString>

#include <array>
#include <optional>

namespace cring::telemetry {

/// What a client asked for.
enum class Kind { Upload, Download, Listing, Delete, Sequence, Account, SshSession, Other };
inline constexpr size_t kindCount = 8;
/// "upload", "download", …
QString kindName(Kind kind);

/// How it ended, seen from the client.
enum class Outcome {
    Done,      ///< Acknowledged, or answered 2xx (or a truthful 404).
    Refused,   ///< The request's own fault: a 4xx.
    Failed,    ///< The ring's or the servers' fault: no quorum, no copy, a cut.
    Abandoned, ///< The client went away first.
};
inline constexpr size_t outcomeCount = 4;
/// "done", "refused", …
QString outcomeName(Outcome outcome);

/// Totals since start, for one kind of request.
struct KindCounters
{
    std::array<quint64, outcomeCount> ended{};
    int inFlight = 0;
    quint64 quorumFailures = 0; ///< Answered 503: too few servers could be reached, or agreed.
    LatencyHistogram latency;   ///< Of all that have ended, however they did.

    quint64 of(Outcome outcome) const { return ended.at(static_cast<size_t>(outcome)); }
};

/// The numbers of the service. A plain value: the event loop alone writes and reads it, so nothing is atomic.
struct Counters
{
    std::array<KindCounters, kindCount> kinds{};
    quint64 bytesIn = 0;     ///< Bodies from clients.
    quint64 bytesOut = 0;    ///< Bodies to clients.
    quint64 failovers = 0;   ///< Reads that went on with another server.
    quint64 rollbacks = 0;   ///< Refused writes that had to be taken back.
    quint64 inDoubt = 0;     ///< Copies left in doubt, ever.
    quint64 localCopies = 0; ///< Uploads that were acknowledged because of a local copy.

    KindCounters &of(Kind kind) { return kinds.at(static_cast<size_t>(kind)); }

    const KindCounters &of(Kind kind) const { return kinds.at(static_cast<size_t>(kind)); }

    int inFlight() const;
};

/// Counts one request from its head to its end: in flight while it lives, then once under its outcome, with
/// the time until that was known. An outcome that nobody set counts as Abandoned: every way out is counted.
/// The counters and the clock must outlive it.
class RequestTally
{
public:
    RequestTally(Counters &counters, const IClock &clock, Kind kind)
        : m_counters(counters)
        , m_clock(clock)
        , m_kind(&counters.of(kind))
        , m_begun(clock.steadyFine())
    {
        ++m_kind->inFlight;
    }

    ~RequestTally()
    {
        --m_kind->inFlight;
        ++m_kind->ended.at(static_cast<size_t>(m_outcome));
        m_kind->latency.observe(m_ended.value_or(m_clock.steadyFine()) - m_begun);
    }

    RequestTally(const RequestTally &) = delete;
    RequestTally &operator=(const RequestTally &) = delete;

    void setKind(Kind kind)
    {
        --m_kind->inFlight;
        m_kind = &m_counters.of(kind);
        ++m_kind->inFlight;
    }
    Kind kind() const { return static_cast<Kind>(m_kind - m_counters.kinds.data()); }
    /// It came before this was made: on the steady clock.
    void setBegun(std::chrono::nanoseconds begun) { m_begun = begun; }

    void setOutcome(Outcome outcome)
    {
        m_outcome = outcome;
        m_ended = m_clock.steadyFine();
    }
    void countQuorumFailure() { ++m_kind->quorumFailures; }

private:
    Counters &m_counters;
    const IClock &m_clock;
    KindCounters *m_kind;
    std::chrono::nanoseconds m_begun;
    std::optional<std::chrono::nanoseconds> m_ended;
    Outcome m_outcome = Outcome::Abandoned;
};

} // namespace cring::telemetry
