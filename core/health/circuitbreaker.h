// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/base/random.h"

#include <QString>

namespace cring::health {

/// Keeps requests away from one server that does not work, so that it delays nobody (P8).
///
/// What counts as a failure is the caller's to decide, and only this does: the connection could not be made
/// or was dropped, time ran out, the server stalled, or what it said was not HTTP (SSH). A 4xx or a 500 never
/// does: Charm answers 500 for faults of the request itself (server/http.go), the same from every server. A
/// hang is a failure like any other, reported by whoever stopped waiting.
///
/// Closed, it lets everything through; three failures in a row open it. Open, it lets nothing through for a
/// second, twice as long after each failed trial, up to 30 s, each jittered by a fifth. Then (HalfOpen) it
/// lets one trial through at a time, whose success closes it.
///
/// The monitor reports through probeSucceeded() and probeFailed(): a probe that works closes the breaker only
/// if probes had failed since it opened, for then the server was away and is back. Otherwise the probe is no
/// news: a server may answer a small GET and hang on every upload, and must not be tried anew with every
/// probe.
///
/// No thread safety; the clock and the generator must outlive it.
class CircuitBreaker
{
public:
    enum class State { Closed, Open, HalfOpen };

    CircuitBreaker(const IClock &clock, IRandom &random);

    /// Goes on where another one of the same server is. A trial that is under way is the other one's.
    void inherit(const CircuitBreaker &other);

    /// May a request go out now? True in HalfOpen takes the one trial: its outcome has to be told by
    /// succeeded(), failed() or abandoned(). A trial that nobody settles within 10 s makes way for another.
    bool allows();
    /// As allows(), without taking the trial.
    bool wouldAllow() const;

    void succeeded();
    /// `reason` in plain words, to follow the server's name: "refused the connection".
    void failed(const QString &reason);
    /// The request was called off (by the client, say) before anything could be learnt from it.
    void abandoned();

    void probeSucceeded();
    void probeFailed(const QString &reason);

    State state() const;

    /// On the steady clock: when the next trial may go out. Meaningless while Closed.
    std::chrono::milliseconds retryAt() const { return m_retryAt; }

    /// Of the failure that was reported last; empty once a success came after it.
    const QString &lastReason() const { return m_lastReason; }

private:
    void open(std::chrono::milliseconds pause);
    void close();
    bool trialUnderWay() const;

    const IClock &m_clock;
    IRandom &m_random;
    bool m_open = false;
    bool m_trial = false;
    bool m_probesAgree = false; ///< A probe has failed since it opened.
    int m_failures = 0;         ///< In a row.
    std::chrono::milliseconds m_pause{0};
    std::chrono::milliseconds m_retryAt{0};
    std::chrono::milliseconds m_trialSince{0};
    QString m_lastReason;
};

} // namespace cring::health
