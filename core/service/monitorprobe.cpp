// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/monitorprobe.h"

#include "core/health/monitor.h"

namespace cring::service {

using health::Backend;
using health::Monitor;

namespace {

ProbeFinding findingOf(const Backend &backend, const QString &problem)
{
    const Backend::Health &health = backend.health();
    ProbeFinding finding;
    if (backend.state() == Backend::State::Misconfigured)
        finding.misfit = backend.reason();
    else // One failed probe brings no server down, but it is what this test was asked about.
        finding.problem = problem;
    if (health.key) {
        finding.kid = QString::fromLatin1(health.key->kid);
        finding.issuer = QString::fromUtf8(health.key->issuer);
        finding.publicKey = health.key->publicKey;
    }
    if (health.clockSkew)
        finding.clockSkewMs = health.clockSkew->count();
    finding.warning = health.warning;
    return finding;
}

} // namespace

BackendTest::Probe monitorProbe(Monitor &monitor, Backend &backend, std::shared_ptr<const void> use)
{
    return [&monitor, &backend, use = std::move(use)](QObject *context,
                                                      const std::function<void(const ProbeFinding &)> &done) {
        // The monitor goes on probing by itself; this test wants one answer.
        auto *once = new QObject(context);
        QObject::connect(&monitor, &Monitor::probed, once,
                         [&monitor, &backend, once, done](const Backend *probed, const QString &problem) {
                             if (probed != &backend)
                                 return;
                             QObject::disconnect(&monitor, nullptr, once, nullptr);
                             once->deleteLater();
                             done(findingOf(backend, problem));
                         });
        // False: one is under way already, and ends with the same signal.
        monitor.probeNow(&backend);
    };
}

} // namespace cring::service
