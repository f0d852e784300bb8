// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/delivery.h"

#include "core/repair/conflictsaving.h"
#include "core/repair/copyplaces.h"
#include "core/repair/extraremoval.h"
#include "core/repair/heldback.h"
#include "core/replica/folders.h"

#include <QLoggingCategory>

#include <algorithm>

namespace cring::repair {

using replica::accountOf;

Q_LOGGING_CATEGORY(lcDelivery, "cring.delivery")

namespace {

using namespace std::chrono_literals;

constexpr auto kFirstRetry = 1000ms;
constexpr auto kLastRetry = 60'000ms;
/// The same for what another server, or a person, has to bring about: each try may read a whole file.
constexpr auto kLastWait = 15min;
/// Until a path that somebody works on is looked at again, and until a server that cannot be used is.
constexpr auto kLookAgain = 250ms;
constexpr auto kServerAgain = 1000ms;
constexpr auto kSoon = 5ms;
/// Until a delete that a power cut holds back is looked at again: another record may be there by then.
constexpr auto kHeldAgain = 30s;
/// Paths that are worked on at a server at the same time.
constexpr size_t kAtOnce = 4;

} // namespace

Delivery::Delivery(state::Catalogue &catalogue, state::Conflicts &conflicts, replica::ITokenSource &tokens,
                   const IClock &clock, telemetry::ActivityLog &activity, QObject *parent)
    : QObject(parent)
    , m_catalogue(catalogue)
    , m_conflicts(conflicts)
    , m_tokens(tokens, clock)
    , m_report(clock, activity)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Delivery::work);
    connect(&m_catalogue, &state::Catalogue::owed, this, &Delivery::handleOwed);
    connect(&m_catalogue, &state::Catalogue::powerCutEnded, this, &Delivery::hurry);
    connect(&m_conflicts, &state::Conflicts::changed, this, &Delivery::handleRoom);
    connect(&m_tokens, &replica::AccountTokens::available, this, [this] { schedule(kSoon); });
}

Delivery::~Delivery() = default;

void Delivery::setEnvironment(Environment &environment)
{
    m_environment = &environment;
    m_watch = std::make_unique<QObject>();
    for (health::Backend *backend : environment.backends.all()) {
        connect(backend, &health::Backend::stateChanged, m_watch.get(),
                [this, backend] { handleBack(*backend); });
        // What was owed before there was a queue for it.
        if (const auto [queue, isNew] = m_queues.try_emplace(backend->id()); isNew) {
            for (const auto &[key, owed] : m_catalogue.debts(backend->id()))
                queue->second.owe(key, owed.since);
        }
    }
    schedule(kSoon);
}

void Delivery::handleOwed(const QString &server, const ObjectKey &key)
{
    const auto queue = m_queues.find(server);
    if (queue == m_queues.end())
        return; // it is no server of this configuration
    queue->second.owe(key, m_catalogue.debt(key, server)->since);
    schedule(kSoon);
}

/// What waited for a server need not wait out its pause when that one is back; nor what others owe, for it
/// may have what they need.
void Delivery::handleBack(const health::Backend &backend)
{
    if (backend.state() != health::Backend::State::Up)
        return;
    m_environment->folders.forgetServer(backend.id());
    hurry();
}

void Delivery::stop()
{
    m_stopped = true;
    m_timer.stop();
}

void Delivery::setPaused(bool paused)
{
    m_paused = paused;
    if (paused)
        m_timer.stop();
    else
        schedule(kSoon);
}

bool Delivery::busy() const
{
    return std::any_of(m_queues.begin(), m_queues.end(),
                       [](const auto &queue) { return queue.second.running() > 0; });
}

void Delivery::retry(const QString &server)
{
    m_tokens.retry();
    for (auto &[id, queue] : m_queues) {
        if (server.isEmpty() || id == server)
            queue.wake(true);
    }
    schedule(kSoon);
}

void Delivery::schedule(std::chrono::milliseconds wait)
{
    if (m_stopped || m_paused || !m_environment)
        return;
    if (!m_timer.isActive() || m_timer.remainingTimeAsDuration() > wait)
        m_timer.start(wait);
}

void Delivery::wakeWithin(std::chrono::milliseconds wait)
{
    m_next = std::min(m_next, wait);
}

void Delivery::work()
{
    m_next = std::chrono::milliseconds::max();
    const QList<health::Backend *> all = m_environment->backends.all();
    for (health::Backend *backend : all) {
        DeliveryQueue &queue = m_queues[backend->id()];
        if (queue.isEmpty())
            continue;
        if (!backend->usable()) {
            wakeWithin(kServerAgain);
            continue;
        }
        auto search = DeliveryQueue::Search::Found;
        while (search == DeliveryQueue::Search::Found && queue.running() < kAtOnce)
            search = beginNext(*backend, queue);
        if (search == DeliveryQueue::Search::More)
            wakeWithin(0ms);
        // With no room for more, the end of one of those under way comes first.
        if (const auto due = queue.nextDue(); due && queue.running() < kAtOnce)
            wakeWithin(std::max<std::chrono::milliseconds>(0ms, *due - now()));
    }
    if (m_next != std::chrono::milliseconds::max())
        schedule(m_next);
}

DeliveryQueue::Search Delivery::beginNext(health::Backend &backend, DeliveryQueue &queue)
{
    ObjectKey key;
    const auto search = queue.next(
        now(), [&](const ObjectKey &ready) { return look(backend.id(), queue, ready); }, key);
    if (search == DeliveryQueue::Search::Found)
        begin(backend, queue, key);
    return search;
}

Delivery::Look Delivery::look(const QString &server, const DeliveryQueue &queue, const ObjectKey &key)
{
    using Verdict = DeliveryQueue::Verdict;
    // Debts are paid by others as well: a client's upload, for one.
    const auto owed = m_catalogue.debt(key, server);
    if (!owed)
        return {Verdict::Forget, {}};
    const auto record = m_catalogue.find(key);
    if (record && record->deleted && isHeldBack(m_catalogue, record->version))
        return holdBack(queue, key, owed->since);
    const QByteArray account = accountOf(key);
    if (!m_tokens.find(account)) {
        wakeWithin(replica::AccountTokens::kAskAgain);
        return {Verdict::Wait, account};
    }
    const Look around = lookAround(server, queue, key);
    if (around.verdict == Verdict::Wait)
        wakeWithin(kLookAgain);
    return around;
}

Delivery::Look Delivery::holdBack(const DeliveryQueue &queue, const ObjectKey &key, qint64 since) const
{
    const auto *last = queue.pauseOf(key);
    DeliveryQueue::Pause pause = last ? *last : DeliveryQueue::Pause();
    pause.since = since;
    pause.due = now() + kHeldAgain;
    pause.problem = heldBackReason();
    return {DeliveryQueue::Verdict::Pause, {}, pause};
}

/// Somebody works on the path there, or something comes first. Where it is not known yet what became of an
/// upload, a folder's delete would take an acknowledged file with it: the catalogue has no record of it.
Delivery::Look Delivery::lookAround(const QString &server, const DeliveryQueue &queue,
                                    const ObjectKey &key) const
{
    using Verdict = DeliveryQueue::Verdict;
    ObjectKey first;
    forEachAncestor(key, [&](QByteArrayView above) {
        if (!first.isEmpty())
            return;
        const ObjectKey folder = above.toByteArray();
        const auto owed = m_catalogue.debt(folder, server);
        // A folder that is only looked at again does not keep others waiting.
        const auto *pause = queue.pauseOf(folder);
        const bool verified = pause && pause->task == CopyMending::Task::Verify;
        if (queue.isRunning(folder) || (owed && owed->debt >= Debt::Stale && !verified))
            first = folder;
    });
    if (!first.isEmpty())
        return {Verdict::Wait, first};
    const bool busy = m_environment->intents.isUnresolved(key) || m_environment->locks.isHeld(key) ||
                      m_environment->lanes.isBusy(server, key) ||
                      m_environment->readers.isRead(key, server) || queue.runsBelow(key);
    return {busy ? Verdict::Wait : Verdict::Take, {}};
}

void Delivery::begin(health::Backend &backend, DeliveryQueue &queue, const ObjectKey &key)
{
    const Credentials token = *m_tokens.find(accountOf(key));
    if (m_catalogue.debt(key, backend.id())->debt == Debt::Differs)
        beginSaving(backend, queue, key, token);
    else if (isToGo(backend, key))
        beginRemoval(backend, queue, key, token);
    else
        beginMending(backend, queue, key, token);
}

void Delivery::beginMending(health::Backend &backend, DeliveryQueue &queue, const ObjectKey &key,
                            const Credentials &token)
{
    const auto *pause = queue.pauseOf(key);
    auto *mending = new CopyMending(*m_environment, m_times, backend, key, token,
                                    pause ? pause->task : CopyMending::Task::Mend, this);
    queue.setRunner(key, mending);
    connect(
        mending, &CopyMending::finished, this,
        [this, server = backend.id(), key, mending](CopyMending::Result result) {
            handleMended(server, key, *mending, result);
        },
        Qt::QueuedConnection);
    mending->start();
}

/// The copy of a server that is no owner goes when others have the file: what is right when all owners do,
/// what is not when enough of them do. Until then it is as good a copy as another, and mended like one.
bool Delivery::isToGo(const health::Backend &backend, const ObjectKey &key) const
{
    const auto record = m_catalogue.find(key);
    if (!record || record->deleted || record->folder)
        return false;
    const CopyPlaces places = placesOf(*m_environment, key, m_catalogue.holders(key));
    const qsizetype have = places.owners.size() - places.lacking.size();
    if (std::any_of(places.owners.begin(), places.owners.end(),
                    [&](const health::Backend *owner) { return owner == &backend; }))
        return false;
    switch (m_catalogue.debt(key, backend.id())->debt) {
    case Debt::Extra:
        return true;
    case Debt::Suspect:
        return places.lacking.isEmpty();
    case Debt::Stale:
    case Debt::InDoubt:
    case Debt::Differs:
        break;
    }
    return have >= m_environment->config.quorum();
}

void Delivery::beginRemoval(health::Backend &backend, DeliveryQueue &queue, const ObjectKey &key,
                            const Credentials &token)
{
    auto *removal = new ExtraRemoval(*m_environment, backend, key, token, this);
    queue.setRunner(key, removal);
    connect(
        removal, &ExtraRemoval::finished, this,
        [this, server = backend.id(), key](const QString &problem) { handleRemoved(server, key, problem); });
    removal->start();
}

void Delivery::beginSaving(health::Backend &backend, DeliveryQueue &queue, const ObjectKey &key,
                           const Credentials &token)
{
    auto *saving = new ConflictSaving(*m_environment, m_conflicts, backend, key, token,
                                      ConflictSaving::Wanted::OtherVersion, this);
    queue.setRunner(key, saving);
    connect(saving, &ConflictSaving::finished, this,
            [this, server = backend.id(), key, saving](const Status &status) {
                handleSaved(server, key, status, saving->isNew());
            });
    saving->start();
}

/// What was under way there has ended.
void Delivery::end(const QString &server, const ObjectKey &key)
{
    if (QObject *runner = m_queues[server].end(key))
        runner->deleteLater();
}

/// What is still, or again, owed and does not wait is ready.
void Delivery::settle(const QString &server, const ObjectKey &key)
{
    if (const auto owed = m_catalogue.debt(key, server))
        m_queues[server].owe(key, owed->since);
    schedule(0ms);
}

void Delivery::handleSaved(const QString &server, const ObjectKey &key, const Status &status, bool isNew)
{
    end(server, key);
    if (!status) {
        m_fullAt = m_conflicts.bytes();
        pauseFor(server, key, status.error().detail, kLastRetry);
    } else {
        m_queues[server].forget(key);
        m_catalogue.keptAside(key, server);
        const health::Backend *backend = m_environment->backends.find(server);
        if (isNew) {
            m_environment->activity.record(
                telemetry::Level::Warning, telemetry::Category::Repair,
                QStringLiteral("had another version of a file, which is kept aside (cring conflicts list)"),
                backend ? backend->name() : server, QString::fromLatin1(accountOf(key)));
        }
    }
    settle(server, key);
}

/// What could not be kept aside for want of room need not wait out its pause when there is some.
void Delivery::handleRoom()
{
    if (!m_fullAt || m_conflicts.bytes() >= *m_fullAt)
        return;
    m_fullAt.reset();
    hurry();
}

void Delivery::hurry()
{
    for (auto &[server, queue] : m_queues)
        queue.wake(false);
    schedule(kSoon);
}

void Delivery::handleMended(const QString &server, const ObjectKey &key, const CopyMending &mending,
                            CopyMending::Result result)
{
    const QString reason = mending.reason();
    const quint64 version = mending.version();
    const auto task = mending.task();
    end(server, key);
    if (result == CopyMending::Result::Adopted) {
        m_queues[server].forget(key);
    } else if (result != CopyMending::Result::Mended) {
        pauseFor(server, key, reason, result == CopyMending::Result::Failed ? kLastRetry : kLastWait);
    } else if (task == CopyMending::Task::Mend &&
               m_catalogue.copyState(key, server) == state::CopyState::InDoubt) {
        lookAgainLater(server, key);
    } else {
        mended(server, key, version);
    }
    settle(server, key);
}

/// A server that had a change in hand when it stopped may run it after it wakes.
void Delivery::lookAgainLater(const QString &server, const ObjectKey &key)
{
    if (const auto owed = m_catalogue.debt(key, server)) {
        m_queues[server].pause(
            key, {0, now() + m_environment->config.timing.secondLook, CopyMending::Task::Verify,
                  QStringLiteral("was put right, and is looked at again before it is read"), owed->since});
    }
}

void Delivery::mended(const QString &server, const ObjectKey &key, quint64 version)
{
    m_queues[server].forget(key);
    ++m_delivered[server];
    // In this order: dying between the two leaves an extra copy that is known.
    giveBack(key, server, version);
    m_catalogue.clearVersion(key, server, version);
    report(server);
}

void Delivery::handleRemoved(const QString &server, const ObjectKey &key, const QString &problem)
{
    end(server, key);
    DeliveryQueue &queue = m_queues[server];
    const bool inDoubt = m_catalogue.copyState(key, server) == state::CopyState::InDoubt;
    const auto *pause = queue.pauseOf(key);
    const bool secondLook = pause && pause->task == CopyMending::Task::Verify;
    if (!problem.isEmpty()) {
        pauseFor(server, key, problem, kLastRetry);
    } else if (inDoubt && !secondLook) {
        lookAgainLater(server, key);
    } else {
        queue.forget(key);
        m_catalogue.dropCopy(key, server);
        report(server);
    }
    settle(server, key);
}

/// Once all owners hold a file, what others hold for them is more than is wanted. `server` has just got this
/// version of it.
void Delivery::giveBack(const ObjectKey &key, const QString &server, quint64 version)
{
    const auto record = m_catalogue.find(key);
    if (!record || record->deleted || record->folder || record->version != version)
        return;
    const CopyPlaces places = placesOf(*m_environment, key, m_catalogue.holders(key) << server);
    if (!places.lacking.isEmpty())
        return;
    for (const health::Backend *extra : places.extras) {
        if (extra->id() != server)
            m_catalogue.mark(key, extra->id(), Debt::Extra);
    }
}

/// With every try longer, up to `longest`.
void Delivery::pauseFor(const QString &server, const ObjectKey &key, const QString &problem,
                        std::chrono::milliseconds longest)
{
    qCDebug(lcDelivery) << server << problem;
    const auto owed = m_catalogue.debt(key, server);
    if (!owed)
        return;
    const auto *last = m_queues[server].pauseOf(key);
    DeliveryQueue::Pause pause = last ? *last : DeliveryQueue::Pause();
    const auto wait =
        std::min<std::chrono::milliseconds>(kFirstRetry * (1LL << std::min(pause.attempts, 10)), longest);
    pause.since = owed->since;
    ++pause.attempts;
    pause.problem = problem;
    pause.due = now() + std::chrono::milliseconds(static_cast<qint64>(static_cast<double>(wait.count()) *
                                                                      m_environment->random.jitter(0.2)));
    m_queues[server].pause(key, pause);
}

/// One word for all that a server had missed, when it has got it.
void Delivery::report(const QString &server)
{
    if (m_delivered[server] == 0 || !m_queues[server].rests())
        return;
    const health::Backend *backend = m_environment->backends.find(server);
    m_report.add(backend ? backend->name() : server, std::exchange(m_delivered[server], 0));
}

QList<Delivery::Item> Delivery::items(const QString &server, const ObjectKey &after, qsizetype limit) const
{
    QList<Item> list;
    const state::Catalogue::Debts &debts = m_catalogue.debts(server);
    const auto queue = m_queues.find(server);
    for (auto it = debts.upper_bound(after); it != debts.end() && list.size() < limit; ++it) {
        Item item;
        item.key = it->first;
        item.server = server;
        item.owed = it->second;
        item.problem = m_tokens.problem(accountOf(it->first));
        if (queue != m_queues.end()) {
            item.running = queue->second.isRunning(it->first);
            if (const auto *pause = queue->second.pauseOf(it->first)) {
                item.attempts = pause->attempts;
                item.wait = std::max<std::chrono::milliseconds>(0ms, pause->due - now());
                // Without a token it is not tried, whatever the last try came to.
                if (item.problem.isEmpty())
                    item.problem = pause->problem;
            }
        }
        list.append(item);
    }
    return list;
}

} // namespace cring::repair
