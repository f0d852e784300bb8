// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/survey.h"

#include "core/repair/copyplaces.h"

namespace cring::repair {

using replica::accountOf;
using replica::Debt;
using replica::ObjectKey;
using replica::Record;

namespace {

using namespace std::chrono_literals;

/// Records that are looked at in one turn of the event loop: less than 2 ms of it.
constexpr qsizetype kStep = 100;
/// Between the end of a walk and the beginning of the next, when something has changed; longer after a walk
/// that took long, so that walking is never more than a small share of what is done.
constexpr auto kRest = 2s;
constexpr int kRestFactor = 30;
/// Changes that wait for the disk while no more are made.
constexpr qsizetype kBacklog = 5'000;
constexpr auto kBacklogRest = 100ms;

} // namespace

Survey::Survey(state::Catalogue &catalogue, QObject *parent)
    : QObject(parent)
    , m_catalogue(catalogue)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Survey::handleTimer);
}

Survey::~Survey() = default;

void Survey::setEnvironment(replica::Environment &environment)
{
    m_environment = &environment;
    refresh();
}

void Survey::stop()
{
    m_stopped = true;
    m_timer.stop();
}

void Survey::refresh()
{
    m_walk.reset();
    m_seen.reset();
    if (!m_stopped)
        m_timer.start(0);
}

void Survey::handleTimer()
{
    if (m_walk)
        step();
    else if (m_seen != m_catalogue.changes())
        begin();
    else
        m_timer.start(kRest);
}

void Survey::begin()
{
    m_seen = m_catalogue.changes();
    m_began = m_environment->clock.steady();
    m_cursor.clear();
    m_walk = std::make_shared<Counts>();
    m_walk->replicas = m_environment->config.effectiveReplicas();
    m_walk->copies.fill(0, m_walk->replicas + 1);
    for (const health::Backend *backend : m_environment->backends.all())
        m_walk->servers.insert(backend->id(), {});
    step();
}

void Survey::step()
{
    if (m_environment->database.pending() > kBacklog) {
        m_timer.start(kBacklogRest);
        return;
    }
    m_cursor = m_catalogue.walk(m_cursor, kStep,
                                [this](const ObjectKey &key, const state::Catalogue::Holding &holding) {
                                    visit(key, holding.record, holding.holders);
                                });
    const QList<Found> owed = std::exchange(m_owed, {});
    for (const Found &found : owed)
        m_catalogue.mark(found.key, found.server, found.debt);
    if (m_cursor.isEmpty())
        finish();
    else
        m_timer.start(0);
}

void Survey::visit(const ObjectKey &key, const Record &record, const QList<QString> &holders)
{
    if (record.deleted || record.folder)
        return;
    // A folder above it may have been deleted since.
    if (const auto now = m_catalogue.find(key); now->deleted)
        return;
    const CopyPlaces places = placesOf(*m_environment, key, holders);
    if (m_environment->isDisabled(accountOf(key))) {
        visitLeftAlone(places, record.size);
        return;
    }
    const bool needed = !places.lacking.isEmpty();
    qsizetype staying = places.good();
    m_walk->all.add(record.size);
    for (const health::Backend *owner : places.owners) {
        Server &server = m_walk->servers[owner->id()];
        server.wanted.add(record.size);
        (places.lacking.contains(owner) ? server.missing : server.present).add(record.size);
    }
    for (const health::Backend *extra : places.extras) {
        Server &server = m_walk->servers[extra->id()];
        server.present.add(record.size);
        server.extra.add(record.size);
        if (needed)
            server.needed.add(record.size);
        if (extra->server().draining) {
            --staying;
            if (!needed)
                owe(key, *extra, Debt::Extra);
        }
    }
    while (m_walk->copies.size() <= places.good())
        m_walk->copies.append(0);
    ++m_walk->copies[places.good()];
    if (staying >= m_walk->replicas)
        return;
    for (const health::Backend *owner : places.lacking) {
        // One that is not trusted yet may well have it.
        if (!holders.contains(owner->id()))
            owe(key, *owner, Debt::Stale);
    }
}

/// Nobody can move a copy of it. A drained server must not go with what others have too few of.
void Survey::visitLeftAlone(const CopyPlaces &places, qint64 size)
{
    m_walk->leftAlone.add(size);
    const auto isDraining = [](const health::Backend *backend) {
        return backend->server().draining;
    };
    const auto leaving = std::count_if(places.extras.begin(), places.extras.end(), isDraining);
    for (const health::Backend *extra : places.extras) {
        if (isDraining(extra) && places.good() - leaving < m_environment->config.quorum())
            m_walk->servers[extra->id()].needed.add(size);
    }
}

void Survey::owe(const ObjectKey &key, const health::Backend &backend, Debt debt)
{
    if (!m_catalogue.debt(key, backend.id()))
        m_owed.append({key, backend.id(), debt});
}

void Survey::finish()
{
    m_walk->takenMs = m_environment->clock.wall().count();
    m_counts = std::exchange(m_walk, nullptr);
    const auto took = m_environment->clock.steady() - m_began;
    m_timer.start(std::max<std::chrono::milliseconds>(kRest, kRestFactor * took));
    tellDrained();
    Q_EMIT taken();
}

/// A version of a file that is nowhere else, and not kept aside yet.
bool Survey::holdsOther(const QString &server) const
{
    const state::Catalogue::Debts &debts = m_catalogue.debts(server);
    return std::any_of(debts.begin(), debts.end(),
                       [](const auto &owed) { return owed.second.debt == Debt::Differs; });
}

/// Once for each server, when the last file that it was needed for has its copies elsewhere.
void Survey::tellDrained()
{
    for (const health::Backend *backend : m_environment->backends.all()) {
        const QString &id = backend->id();
        if (!backend->server().draining || m_counts->servers.value(id).needed.files > 0 || holdsOther(id)) {
            m_drained.remove(id);
            continue;
        }
        if (m_drained.contains(id))
            continue;
        m_drained.insert(id);
        m_environment->activity.record(
            telemetry::Level::Info, telemetry::Category::Repair,
            QStringLiteral("holds nothing any more that is needed: it can be removed"), backend->name());
    }
}

} // namespace cring::repair
