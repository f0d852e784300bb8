// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/health/backendset.h"
#include "core/health/probejudge.h"

#include <QSet>

#include <memory>
#include <vector>

namespace cring::health {

class Probe;

/// Probes every backend, each at its own jittered pace so that a hung one delays no other, and writes the
/// verdict of the ProbeJudge into the backends and their breakers. What it reads are the signing keys that
/// tokens are checked against: only those of configured servers, never of an address that a token names.
///
/// A probe is GET /v1/public/jwks on a kept connection; the issuer is read with the first probe, every tenth,
/// and after a failed one. A result that contradicts the state (a failure of a server that is up, a success
/// of one that is down) is checked again within a second.
class Monitor : public QObject
{
    Q_OBJECT

public:
    /// Key sets are kept in `keys.json` (0600) of `stateDir`, so that a restarted service can check tokens
    /// before the first probe; an empty `stateDir` turns that off. The arguments must outlive the monitor.
    Monitor(BackendSet &backends, const config::Timing &timing, const IClock &clock, IRandom &random,
            const QString &stateDir, QObject *parent = nullptr);
    ~Monitor() override;

    /// Probes all at once, then goes on by itself.
    void start();
    /// Begins no probe by itself any more. Those under way come to their end and are told of.
    void stop();
    /// Takes over what another one knows of servers that both have: it is about to be stopped. Before
    /// start().
    void inherit(const Monitor &other);

    /// The keys of every backend that is not misconfigured, up or not, each once; what a recovery has brought
    /// (keyfile::readRecovered()) while there are none.
    const KeySet &keys() const { return m_keys; }

    /// A token names a key that is not in keys(): probe all now, if that was not done in the last 3 s. True:
    /// refreshed() will follow, within the probe's time-out. False: it was done a moment ago, there is
    /// nothing to wait for.
    bool refreshNow();
    /// One probe of one server now, for a person who asks; probed() follows. False if one is under way
    /// already, whose probed() then follows.
    bool probeNow(Backend *backend);

Q_SIGNALS:
    void keysChanged();
    /// Every probe that refreshNow() started has ended.
    void refreshed();
    /// `problem`: why the probe failed; empty when the server answered.
    void probed(cring::health::Backend *backend, const QString &problem);

private:
    void handleObserved(Probe *probe, const ProbeJudge::Observation &observation);
    void applyVerdicts();
    void schedule(Probe *probe);
    KeySet trusted() const;
    void restore();
    void save() const;

    BackendSet &m_backends;
    config::Timing m_timing;
    const IClock &m_clock;
    IRandom &m_random;
    QString m_file;
    ProbeJudge m_judge;
    std::vector<std::unique_ptr<Probe>> m_probes;
    KeySet m_keys;
    std::optional<TrustedKey> m_recovered; ///< Of the servers before a fire: counts while none has one now.
    std::optional<std::chrono::milliseconds> m_lastRefresh;
    QSet<Probe *> m_refreshing; ///< Those of a refresh that are still under way.
    bool m_running = false;
};

} // namespace cring::health
