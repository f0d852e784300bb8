// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/rebalance.h"

#include "core/repair/copyplaces.h"

#include <QJsonArray>

namespace cring::repair {

using replica::Debt;
using replica::Environment;
using replica::ObjectKey;
using replica::Record;

namespace {

using namespace std::chrono_literals;

/// Records that are looked at in one turn of the event loop.
constexpr qsizetype kStep = 100;
/// Between two looks at what is under way.
constexpr auto kTick = 100ms;
/// Under way at most: what a person who pauses or cancels waits for, and what a restart does again.
constexpr size_t kWindow = 256;
constexpr qint64 kWindowBytes = 256LL * 1024 * 1024;
/// For a file whose servers can all be used. It stays owed, but the others do not wait for it.
constexpr auto kPatience = 120s;
/// For a server that cannot be used: as long as one takes to start again.
constexpr auto kAwayPatience = 15s;

QJsonObject toJson(const Survey::Amount &amount)
{
    return {{QStringLiteral("files"), amount.files}, {QStringLiteral("bytes"), amount.bytes}};
}

void sum(Survey::Amount &to, const Survey::Amount &more)
{
    to.files += more.files;
    to.bytes += more.bytes;
}

/// A disabled account's stay where they are.
bool isMovable(const Environment &environment, const ObjectKey &key)
{
    const auto record = environment.catalogue.find(key);
    return record && !record->deleted && !record->folder && !environment.isDisabled(replica::accountOf(key));
}

/// What is not owed yet: a copy by the owners that lack one, or, when none does, that the others go.
void owe(Environment &environment, const ObjectKey &key, const CopyPlaces &places)
{
    const QList<QString> holders = environment.catalogue.holders(key);
    const auto mark = [&](const health::Backend *backend, Debt debt) {
        if (!environment.catalogue.debt(key, backend->id()))
            environment.catalogue.mark(key, backend->id(), debt);
    };
    for (const health::Backend *owner : places.lacking) {
        if (!holders.contains(owner->id()))
            mark(owner, Debt::Stale);
    }
    if (!places.lacking.isEmpty())
        return;
    for (const health::Backend *extra : places.extras)
        mark(extra, Debt::Extra);
}

} // namespace

// ---- the plan ----

double RebalancePlan::movedShare() const
{
    return copies > 0 ? static_cast<double>(copy.files) / static_cast<double>(copies) : 0;
}

QJsonObject RebalancePlan::toJson() const
{
    QJsonArray list;
    for (const Server &server : servers) {
        list.append(QJsonObject{{QStringLiteral("id"), server.id},
                                {QStringLiteral("copy"), repair::toJson(server.copy)},
                                {QStringLiteral("remove"), repair::toJson(server.remove)}});
    }
    return {{QStringLiteral("servers"), list},
            {QStringLiteral("copy"), repair::toJson(copy)},
            {QStringLiteral("remove"), repair::toJson(remove)},
            {QStringLiteral("copies"), copies},
            {QStringLiteral("leastCopies"), leastCopies},
            {QStringLiteral("movedShare"), movedShare()}};
}

RebalancePlan planRebalance(const Survey::Counts &counts)
{
    RebalancePlan plan;
    plan.copies = counts.all.files * counts.replicas;
    for (auto server = counts.servers.begin(); server != counts.servers.end(); ++server) {
        plan.servers.append({server.key(), server->missing, server->extra});
        sum(plan.copy, server->missing);
        sum(plan.remove, server->extra);
        plan.leastCopies += std::max<qint64>(0, server->wanted.files - server->present.files);
    }
    return plan;
}

// ---- the job ----

RebalanceJob::RebalanceJob(std::function<Environment &()> environment, Throttle &throttle, QObject *parent)
    : Job(parent)
    , m_environment(std::move(environment))
    , m_throttle(throttle)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &RebalanceJob::step);
}

RebalanceJob::~RebalanceJob() = default;

void RebalanceJob::start(const QByteArray &cursor)
{
    m_begin = m_walked = cursor;
    m_progress.phase = QStringLiteral("counting");
    m_lookedAt = m_environment().clock.steady();
    schedule(0ms);
}

void RebalanceJob::setPaused(bool paused)
{
    m_paused = paused;
    m_lookedAt = m_environment().clock.steady();
    m_away.clear();
    if (paused)
        m_timer.stop();
    else
        schedule(0ms);
}

void RebalanceJob::cancel()
{
    m_cancelled = true;
    schedule(0ms);
}

void RebalanceJob::schedule(std::chrono::milliseconds wait)
{
    if (!m_ended && (!m_paused || m_cancelled))
        m_timer.start(wait);
}

JobProgress RebalanceJob::progress() const
{
    return m_progress;
}

void RebalanceJob::step()
{
    if (m_cancelled)
        finish();
    else if (m_phase == Phase::Counting)
        count();
    else
        move();
}

void RebalanceJob::count()
{
    Environment &environment = m_environment();
    m_walked = environment.catalogue.walk(
        m_walked, kStep, [&](const ObjectKey &key, const state::Catalogue::Holding &holding) {
            if (holding.record.deleted || holding.record.folder || !isMovable(environment, key))
                return;
            const CopyPlaces places = placesOf(environment, key, holding.holders);
            m_counted += places.lacking.isEmpty() && places.extras.isEmpty() ? 0 : 1;
        });
    if (m_walked.isEmpty()) {
        m_progress.total = m_counted;
        m_progress.phase = QStringLiteral("moving files");
        m_walked = m_begin;
        m_phase = Phase::Moving;
    }
    schedule(0ms);
}

void RebalanceJob::move()
{
    settle();
    const bool room = m_pending.size() < kWindow && m_pendingBytes < kWindowBytes;
    if (!m_walkEnded && m_next.empty() && room) {
        walk();
        schedule(0ms);
    } else if (m_walkEnded && m_next.empty() && m_pending.empty()) {
        finish();
    } else {
        schedule(kTick);
    }
}

void RebalanceJob::walk()
{
    Environment &environment = m_environment();
    const ObjectKey before = m_walked;
    qint64 bytes = 0;
    m_walked = environment.catalogue.walk(
        m_walked, kStep, [&](const ObjectKey &key, const state::Catalogue::Holding &holding) {
            if (holding.record.deleted || holding.record.folder || !isMovable(environment, key))
                return;
            const CopyPlaces places = placesOf(environment, key, holding.holders);
            if (places.lacking.isEmpty() && places.extras.isEmpty())
                return;
            Pending pending;
            pending.before = before;
            pending.size = std::max<qint64>(0, holding.record.size);
            pending.lacking = places.lacking.size();
            pending.extras = places.extras.size();
            bytes += pending.lacking * pending.size;
            m_next.emplace(key, pending);
        });
    m_walkEnded = m_walked.isEmpty();
    // More than was counted at the beginning: files are written meanwhile.
    const size_t found = m_next.size() + m_pending.size();
    m_progress.total = std::max(m_progress.total, m_progress.done + static_cast<qint64>(found));
    if (m_next.empty())
        return;
    m_throttle.spendBytes(bytes);
    m_throttle.takeFiles(static_cast<qint64>(m_next.size()), this,
                         [this] { m_throttle.whenReadable(this, [this] { handleGranted(); }); });
}

void RebalanceJob::handleGranted()
{
    if (m_ended)
        return;
    Environment &environment = m_environment();
    for (const auto &[key, pending] : m_next) {
        m_pendingBytes += pending.size;
        owe(environment, key, placesOf(environment, key, environment.catalogue.holders(key)));
    }
    m_pending.merge(m_next);
    m_next.clear();
    schedule(0ms);
}

void RebalanceJob::noteAway()
{
    Environment &environment = m_environment();
    for (const health::Backend *backend : environment.backends.all()) {
        if (backend->usable())
            m_away.remove(backend->id());
        else if (!m_away.contains(backend->id()))
            m_away.insert(backend->id(), environment.clock.steady());
    }
}

/// None of them can be used, and they have been waited for.
bool RebalanceJob::isGivenUp(const QList<health::Backend *> &servers) const
{
    const auto now = m_environment().clock.steady();
    return std::all_of(servers.begin(), servers.end(), [&](const health::Backend *backend) {
        const auto since = m_away.constFind(backend->id());
        return since != m_away.constEnd() && now - *since >= kAwayPatience;
    });
}

/// Looks at what is under way.
void RebalanceJob::settle()
{
    Environment &environment = m_environment();
    const auto now = environment.clock.steady();
    const auto passed = now - std::exchange(m_lookedAt, now);
    const qint64 before = m_progress.done;
    noteAway();
    QStringList away;
    for (auto it = m_pending.begin(); it != m_pending.end();) {
        Pending &pending = it->second;
        const CopyPlaces places = placesOf(environment, it->first, environment.catalogue.holders(it->first));
        const bool gone = !isMovable(environment, it->first);
        const bool done = places.lacking.isEmpty() && places.extras.isEmpty();
        const QList<health::Backend *> waited = places.lacking.isEmpty() ? places.extras : places.lacking;
        bool canMove = false;
        for (const health::Backend *backend : waited) {
            canMove = canMove || backend->usable();
            if (!backend->usable() && !away.contains(backend->name()))
                away << backend->name();
        }
        pending.waited += canMove ? passed : 0ms;
        const bool givenUp = isGivenUp(waited);
        if (!gone && !done && pending.waited < kPatience && !givenUp) {
            owe(environment, it->first, places);
            ++it;
            continue;
        }
        if (done && !gone) {
            m_moved += pending.lacking;
            m_removed += pending.extras;
            m_progress.bytes += pending.lacking * pending.size;
        } else if (!gone) {
            ++m_left;
            for (const health::Backend *backend : waited) {
                if (!backend->usable())
                    m_unheard.insert(backend->name(), backend->unusableReason());
            }
        }
        ++m_progress.done;
        m_pendingBytes -= pending.size;
        it = m_pending.erase(it);
    }
    const QString phase = away.isEmpty() ? QStringLiteral("moving files")
                                         : QStringLiteral("waiting for ") + away.join(QStringLiteral(", "));
    const bool isOther = phase != std::exchange(m_progress.phase, phase);
    if (isOther || m_progress.done != before)
        Q_EMIT progressed(cursor());
}

/// Everything up to here is done.
QByteArray RebalanceJob::cursor() const
{
    if (!m_pending.empty())
        return m_pending.begin()->second.before;
    return m_next.empty() ? m_walked : m_next.begin()->second.before;
}

void RebalanceJob::finish()
{
    if (std::exchange(m_ended, true))
        return;
    m_timer.stop();
    m_left += static_cast<qint64>(m_pending.size());
    const QJsonObject summary{{QStringLiteral("moved"), m_moved},
                              {QStringLiteral("removed"), m_removed},
                              {QStringLiteral("bytes"), m_progress.bytes},
                              {QStringLiteral("left"), m_left},
                              {QStringLiteral("unheard"), m_unheard}};
    QMetaObject::invokeMethod(
        this, [this, summary] { Q_EMIT finished(summary); }, Qt::QueuedConnection);
}

} // namespace cring::repair
