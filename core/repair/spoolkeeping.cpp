// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/spoolkeeping.h"

#include "core/repair/copyplaces.h"

namespace cring::repair {

namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 250ms;
/// Bodies that are looked at in one turn of the event loop.
constexpr int kLooks = 500;

} // namespace

SpoolKeeping::SpoolKeeping(state::Spool &spool, const state::Catalogue &catalogue,
                           const state::Intents &intents, const state::BucketLedger &buckets,
                           state::Database &database, QObject *parent)
    : QObject(parent)
    , m_spool(spool)
    , m_catalogue(catalogue)
    , m_intents(intents)
    , m_buckets(buckets)
    , m_database(database)
{
    m_timer.setInterval(kTick);
    connect(&m_timer, &QTimer::timeout, this, &SpoolKeeping::look);
    const auto lookAgain = [this] {
        m_seen.reset();
        if (m_environment && !m_spool.all().empty())
            m_timer.start();
    };
    connect(&m_spool, &state::Spool::changed, this, lookAgain);
    connect(&m_intents, &state::Intents::resolved, this, lookAgain);
    connect(&m_buckets, &state::BucketLedger::owedChanged, this, lookAgain);
    m_spool.setMakeRoom([this] { makeRoom(); });
}

SpoolKeeping::~SpoolKeeping()
{
    m_spool.setMakeRoom({});
}

void SpoolKeeping::setEnvironment(const replica::Environment &environment)
{
    m_environment = &environment;
    m_seen.reset(); // other owners
    if (!m_spool.all().empty())
        m_timer.start();
}

SpoolKeeping::Need SpoolKeeping::needOf(const state::Spool::Body &body) const
{
    if (body.pending)
        return Need::Witness;
    const auto &unresolved = m_intents.unresolved();
    const bool isUnresolved =
        std::any_of(unresolved.begin(), unresolved.end(), [&](const state::Intent &intent) {
            return intent.key == body.key && intent.record.digest == body.digest;
        });
    // A delete that is not sent after all is taken back under its lock.
    if (isUnresolved || m_environment->locks.isHeld(body.key))
        return Need::Witness;
    const auto record = m_catalogue.find(body.key);
    if (!record || record->deleted || record->folder || record->digest != body.digest)
        return Need::None;
    QList<QString> holders = m_catalogue.holders(body.key);
    holders.removeIf([&](const QString &server) { return m_catalogue.isSuspect(body.key, server); });
    const CopyPlaces places = placesOf(*m_environment, body.key, holders);
    if (places.lacking.isEmpty())
        return m_buckets.isWanted(body.key, body.digest) ? Need::Spare : Need::None;
    return places.good() >= m_environment->config.quorum() ? Need::Spare : Need::Witness;
}

void SpoolKeeping::look()
{
    if (m_spool.all().empty()) {
        m_timer.stop();
        return;
    }
    if (m_cursor == 0) {
        if (m_seen == m_catalogue.changes())
            return;
        m_walked = m_catalogue.changes();
    }
    auto it = m_spool.all().upper_bound(m_cursor);
    for (int looks = 0; looks < kLooks && it != m_spool.all().end(); ++looks, ++it) {
        m_cursor = it->first;
        m_busy = m_busy || m_environment->locks.isHeld(it->second.key);
        if (needOf(it->second) == Need::None)
            remove(it->first);
    }
    if (it == m_spool.all().end()) {
        m_cursor = 0;
        if (!std::exchange(m_busy, false))
            m_seen = m_walked;
    }
}

void SpoolKeeping::remove(quint64 id)
{
    if (m_going.contains(id))
        return;
    m_going.insert(id);
    m_database.flush(
        state::Durability::Process, this,
        [this, id] {
            m_going.remove(id);
            // Something else may hold by now.
            const auto body = m_spool.all().find(id);
            if (body != m_spool.all().end() && needOf(body->second) == Need::None)
                m_spool.remove(id);
        },
        [this, id](const QString &) {
            m_going.remove(id);
            m_seen.reset();
        });
}

/// At once: the servers have what goes.
void SpoolKeeping::makeRoom()
{
    if (!m_environment)
        return;
    QList<quint64> spare;
    for (const auto &[id, body] : m_spool.all()) {
        if (needOf(body) != Need::Witness)
            spare << id;
    }
    for (const quint64 id : std::as_const(spare))
        m_spool.remove(id);
}

} // namespace cring::repair
