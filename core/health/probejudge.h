// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/health/backend.h"

#include <QHash>

namespace cring::health {

/// Decides what the probes mean: who is up, who is down, and who is no replica of the others. No I/O, no time
/// of its own.
///
/// Up goes down after three failures in a row, Down comes up after two successes: one lost probe is no
/// outage, one lucky one no recovery. A server never seen has no history to weigh, so that its first probe
/// decides.
///
/// The servers stand for one another only if they share key and issuer, and tokens have no leeway. The
/// reference is what most servers say, on a tie the first configured one that was ever seen; who differs is
/// Misconfigured. Servers that are down vote with what they last said, or a stranger would win when the
/// others are away.
class ProbeJudge
{
public:
    /// What one probe saw.
    struct Observation
    {
        QString problem; ///< Why it failed, to follow the name: "refused the connection". Empty: it answered.
        std::optional<TrustedKey> key; ///< An empty issuer: not asked this time.
        std::optional<std::chrono::milliseconds> latency;
        std::optional<std::chrono::milliseconds> clockSkew;
    };

    static constexpr int kFailuresToGoDown = 3;
    static constexpr int kSuccessesToComeUp = 2;
    static constexpr std::chrono::milliseconds kSkewWarning{5'000};
    static constexpr std::chrono::milliseconds kSkewLimit{3'600'000};

    /// Ids and names in configuration order.
    explicit ProbeJudge(const QList<config::Server> &servers);

    /// Takes over what another one saw of servers that both have at the same URL.
    void inherit(const ProbeJudge &other);
    /// What a server signed with when it was last seen, from disk. Says nothing about whether it is up.
    void recall(const QString &id, const TrustedKey &key);
    void observe(const QString &id, const Observation &observation);

    Backend::Health verdict(const QString &id) const;
    /// The last probe contradicts the state, which is not decided yet: ask again soon.
    bool undecided(const QString &id) const;
    /// What tokens are checked against: of every server that is no misfit, up or not, each once.
    KeySet trusted() const;

private:
    struct Entry
    {
        QString id;
        QString name;
        QUrl url;
        bool up = false;
        bool seen = false; ///< Probed at least once in this run.
        int streak = 0;    ///< Results in a row that contradict `up`.
        QString problem;
        std::optional<TrustedKey> key;
        std::optional<std::chrono::milliseconds> latency;
        std::optional<std::chrono::milliseconds> clockSkew;
    };

    const Entry *entry(const QString &id) const;
    Entry *entry(const QString &id);
    const Entry *keyReference() const;
    const Entry *issuerReference() const;
    bool someClockAgrees() const;
    QString misconfiguration(const Entry &entry) const;
    static void learn(Entry &entry, const Observation &observation);

    QList<Entry> m_entries;
};

} // namespace cring::health
