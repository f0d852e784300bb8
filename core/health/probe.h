// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/health/probejudge.h"
#include "core/http/exchange.h"

#include <QTimer>

namespace cring::health {

/// Asks one server, on a kept connection, what it signs with: the key set with every probe, the issuer when
/// there is reason to. For the Monitor.
class Probe final : public QObject
{
    Q_OBJECT

public:
    /// `timeout` is for a whole probe. The backend and the clock must outlive it.
    Probe(Backend &backend, std::chrono::milliseconds timeout, const IClock &clock,
          QObject *parent = nullptr);
    ~Probe() override;

    Backend &backend() const { return m_backend; }

    bool underWay() const { return m_exchange != nullptr; }

    /// Starts one unless one is under way; it ends in observed().
    void run();

    /// run() later, unless it is called again before.
    void runAfter(std::chrono::milliseconds delay) { m_timer.start(delay); }

    /// Calls off what was to come; what is under way ends in observed().
    void runNoMore();

Q_SIGNALS:
    void observed(const cring::health::ProbeJudge::Observation &observation);

private:
    void cancel();
    void ask(const QByteArray &target, std::chrono::milliseconds timeout,
             void (Probe::*handler)(const Result<http::Response> &));
    void handleKeys(const Result<http::Response> &result);
    void handleIssuer(const Result<http::Response> &result);
    bool issuerWanted() const;
    void readClock(const http::Response &response);
    void fail(const QString &problem);
    void finish();

    Backend &m_backend;
    std::chrono::milliseconds m_timeout;
    const IClock &m_clock;
    QTimer m_timer;
    QPointer<http::Exchange> m_exchange;
    std::chrono::milliseconds m_started{0};
    ProbeJudge::Observation m_observation;
    QByteArray m_knownKid;    ///< Of the last probe; empty before the first and after a failed one.
    int m_probesToIssuer = 0; ///< How many go without asking for it again.
};

} // namespace cring::health
