// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/probejudge.h"

#include "core/base/error.h"

#include <algorithm>

namespace cring::health {
using std::chrono::milliseconds;

namespace {

/// Weight of the newest latency in the smoothed one: a change shows after about five probes.
constexpr double kLatencyWeight = 0.3;

QString inWords(milliseconds time)
{
    const qint64 seconds = (std::abs(time.count()) + 500) / 1000;
    if (seconds < 120)
        return QStringLiteral("%1 s").arg(seconds);
    if (seconds < 7200)
        return QStringLiteral("%1 min").arg(seconds / 60);
    return QStringLiteral("%1 h").arg(seconds / 3600);
}

QString clockInWords(milliseconds skew)
{
    return QStringLiteral("its clock is %1 %2 this machine's")
        .arg(inWords(skew), skew.count() > 0 ? QStringLiteral("ahead of") : QStringLiteral("behind"));
}

/// The entry whose value most entries share; of several such values, the one that comes first. Null if no
/// entry counts.
template <typename Entry, typename Counts, typename Same>
const Entry *majority(const QList<Entry> &entries, const Counts &counts, const Same &same)
{
    const Entry *best = nullptr;
    qsizetype most = 0;
    for (const Entry &candidate : entries) {
        if (!counts(candidate))
            continue;
        const auto votes = std::count_if(entries.begin(), entries.end(), [&](const Entry &other) {
            return counts(other) && same(candidate, other);
        });
        if (votes > most) {
            most = votes;
            best = &candidate;
        }
    }
    return best;
}

bool sameKey(const TrustedKey &a, const TrustedKey &b)
{
    return a.kid == b.kid && a.publicKey == b.publicKey;
}

} // namespace

ProbeJudge::ProbeJudge(const QList<config::Server> &servers)
{
    for (const config::Server &server : servers) {
        Entry entry;
        entry.id = server.id;
        entry.name = server.name;
        entry.url = server.url;
        m_entries.append(entry);
    }
}

void ProbeJudge::inherit(const ProbeJudge &other)
{
    for (Entry &own : m_entries) {
        const Entry *known = other.entry(own.id);
        if (!known || known->url != own.url)
            continue;
        const QString name = own.name;
        own = *known;
        own.name = name;
    }
}

void ProbeJudge::recall(const QString &id, const TrustedKey &key)
{
    if (Entry *found = entry(id))
        found->key = key;
}

void ProbeJudge::observe(const QString &id, const Observation &observation)
{
    Entry *found = entry(id);
    if (!found)
        return;
    const bool answered = observation.problem.isEmpty();
    if (!found->seen) {
        found->seen = true;
        found->up = answered;
    } else if (answered == found->up) {
        found->streak = 0;
    } else if (++found->streak >= (found->up ? kFailuresToGoDown : kSuccessesToComeUp)) {
        found->up = answered;
        found->streak = 0;
    }
    if (!answered) {
        found->problem = observation.problem;
        return;
    }
    learn(*found, observation);
}

void ProbeJudge::learn(Entry &entry, const Observation &observation)
{
    if (observation.key) {
        const QByteArray known = entry.key ? entry.key->issuer : QByteArray();
        entry.key = observation.key;
        if (entry.key->issuer.isEmpty())
            entry.key->issuer = known;
    }
    if (observation.latency && entry.latency) {
        const double smoothed = kLatencyWeight * static_cast<double>(observation.latency->count()) +
                                (1 - kLatencyWeight) * static_cast<double>(entry.latency->count());
        entry.latency = milliseconds(qRound64(smoothed));
    } else if (observation.latency) {
        entry.latency = observation.latency;
    }
    if (observation.clockSkew)
        entry.clockSkew = observation.clockSkew;
}

Backend::Health ProbeJudge::verdict(const QString &id) const
{
    Backend::Health health;
    const Entry *found = entry(id);
    if (!found)
        return health;
    health.key = found->key;
    health.latency = found->latency;
    health.clockSkew = found->clockSkew;
    const QString misfit = misconfiguration(*found);
    if (found->seen && !found->up) {
        health.state = Backend::State::Down;
        health.reason = found->problem;
    } else if (!misfit.isEmpty()) {
        health.state = Backend::State::Misconfigured;
        health.reason = misfit;
    } else if (found->seen) {
        health.state = Backend::State::Up;
    }
    if (found->clockSkew && std::chrono::abs(*found->clockSkew) > kSkewWarning)
        health.warning =
            clockInWords(*found->clockSkew) + QStringLiteral(": tokens expire by the clock, without leeway");
    return health;
}

bool ProbeJudge::undecided(const QString &id) const
{
    const Entry *found = entry(id);
    return found && found->streak > 0;
}

KeySet ProbeJudge::trusted() const
{
    KeySet keys;
    for (const Entry &entry : m_entries) {
        const bool complete = entry.key && !entry.key->issuer.isEmpty();
        if (complete && misconfiguration(entry).isEmpty() && !keys.contains(*entry.key))
            keys.append(*entry.key);
    }
    return keys;
}

const ProbeJudge::Entry *ProbeJudge::entry(const QString &id) const
{
    const auto found = std::find_if(m_entries.begin(), m_entries.end(),
                                    [&id](const Entry &entry) { return entry.id == id; });
    return found == m_entries.end() ? nullptr : &*found;
}

ProbeJudge::Entry *ProbeJudge::entry(const QString &id)
{
    return const_cast<Entry *>(std::as_const(*this).entry(id));
}

const ProbeJudge::Entry *ProbeJudge::keyReference() const
{
    return majority(
        m_entries, [](const Entry &entry) { return entry.key.has_value(); },
        [](const Entry &a, const Entry &b) { return sameKey(*a.key, *b.key); });
}

const ProbeJudge::Entry *ProbeJudge::issuerReference() const
{
    const Entry *reference = keyReference();
    return majority(
        m_entries,
        [reference](const Entry &entry) {
            return entry.key && sameKey(*entry.key, *reference->key) && !entry.key->issuer.isEmpty();
        },
        [](const Entry &a, const Entry &b) { return a.key->issuer == b.key->issuer; });
}

bool ProbeJudge::someClockAgrees() const
{
    return std::any_of(m_entries.begin(), m_entries.end(), [](const Entry &entry) {
        return entry.clockSkew && std::chrono::abs(*entry.clockSkew) <= kSkewLimit;
    });
}

QString ProbeJudge::misconfiguration(const Entry &entry) const
{
    if (!entry.key)
        return {};
    const Entry *reference = keyReference();
    if (!sameKey(*entry.key, *reference->key))
        return QStringLiteral("its signing key differs from %1's (%2)")
            .arg(reference->name, codeName(Code::BackendKeyDiffers));
    const Entry *issuer = issuerReference();
    if (issuer && !entry.key->issuer.isEmpty() && entry.key->issuer != issuer->key->issuer)
        return QStringLiteral("its issuer %1 differs from %2's, %3 (%4)")
            .arg(QString::fromUtf8(entry.key->issuer), issuer->name, QString::fromUtf8(issuer->key->issuer),
                 codeName(Code::BackendIssuerDiffers));
    if (entry.clockSkew && std::chrono::abs(*entry.clockSkew) > kSkewLimit && someClockAgrees())
        return QStringLiteral("%1 (%2)").arg(clockInWords(*entry.clockSkew), codeName(Code::BackendClock));
    return {};
}

} // namespace cring::health
