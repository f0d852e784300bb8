// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/delivery.h"

#include "core/repair/conflictsaving.h"
#include "core/repair/copyplaces.h"
#include "core/repair/extraremoval.h"
#include "core/replica/folders.h"

#include <QLoggingCategory>

#include <algorithm>

namespace cring::repair {

Q_LOGGING_CATEGORY(lcDelivery, "cring.delivery")

namespace {

using namespace std::chrono_literals;

constexpr auto kFirstRetry = 1000ms;
constexpr auto kLastRetry = 60'000ms;
/// Until a server that cannot be used, or a path that somebody works on, is looked at again.
constexpr auto kLookAgain = 250ms;
constexpr auto kSoon = 5ms;
/// Until an account without a token is asked for again; a token seen in passing is told of at once.
constexpr auto kAskAgain = 30'000ms;
/// A token that ends sooner is not begun with.
constexpr qint64 kTokenReserve = 30; // s
/// Paths that are worked on at a server at the same time.
constexpr size_t kAtOnce = 4;
/// Paths that are looked at in one turn of the event loop.
constexpr int kLooks = 500;

QByteArray accountOf(const ObjectKey &key)
{
    const qsizetype slash = key.indexOf('/');
    return slash < 0 ? key : key.first(slash);
}

} // namespace

Delivery::Delivery(state::Catalogue &catalogue, state::Conflicts &conflicts, replica::ITokenSource &tokens,
                   const IClock &clock, telemetry::ActivityLog &activity, QObject *parent)
    : QObject(parent)
    , m_catalogue(catalogue)
    , m_conflicts(conflicts)
    , m_tokens(tokens)
    , m_report(clock, activity)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Delivery::work);
    connect(&m_catalogue, &state::Catalogue::owed, this, [this] { schedule(kSoon); });
    // Room for what waits to be kept aside.
    connect(&m_conflicts, &state::Conflicts::changed, this, &Delivery::handleRoom);
    connect(&m_tokens, &replica::ITokenSource::available, this, [this](const QByteArray &account) {
        if (account.isEmpty())
            m_accounts.clear();
        else
            m_accounts.remove(account);
        schedule(kSoon);
    });
}

Delivery::~Delivery() = default;

void Delivery::setEnvironment(Environment &environment)
{
    m_environment = &environment;
    m_watch = std::make_unique<QObject>();
    for (health::Backend *backend : environment.backends.all()) {
        connect(backend, &health::Backend::stateChanged, m_watch.get(),
                [this, backend] { handleBack(*backend); });
    }
    schedule(kSoon);
}

/// What waited for a server need not wait out its pause when that one is back.
void Delivery::handleBack(const health::Backend &backend)
{
    if (backend.state() != health::Backend::State::Up)
        return;
    m_environment->folders.forgetServer(backend.id());
    for (auto &[key, pause] : m_queues[backend.id()].pauses) {
        if (pause.task == CopyMending::Task::Mend)
            pause.due = 0ms;
    }
    schedule(kSoon);
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
                       [](const auto &queue) { return !queue.second.running.empty(); });
}

void Delivery::retry(const QString &server)
{
    m_accounts.clear();
    for (auto &[id, queue] : m_queues) {
        if (!server.isEmpty() && id != server)
            continue;
        for (auto &[key, pause] : queue.pauses)
            pause.due = 0ms;
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

void Delivery::work()
{
    std::chrono::milliseconds next = std::chrono::milliseconds::max();
    const QList<health::Backend *> all = m_environment->backends.all();
    for (health::Backend *backend : all) {
        if (m_catalogue.debts(backend->id()).empty())
            continue;
        if (!backend->usable()) {
            next = std::min<std::chrono::milliseconds>(next, 4 * kLookAgain);
            continue;
        }
        Queue &queue = m_queues[backend->id()];
        dropOldPauses(backend->id(), queue);
        Search search = Search::Begun;
        while (search == Search::Begun && queue.running.size() < kAtOnce)
            search = beginNext(*backend, queue, next);
        if (search == Search::More)
            next = 0ms;
    }
    if (next != std::chrono::milliseconds::max())
        schedule(next);
}

/// The next path after the last one begun that can be worked on, round the whole queue.
Delivery::Search Delivery::beginNext(const health::Backend &backend, Queue &queue,
                                     std::chrono::milliseconds &next)
{
    const state::Catalogue::Debts &debts = m_catalogue.debts(backend.id());
    const ObjectKey start = queue.cursor;
    auto it = debts.upper_bound(start);
    bool wrapped = false;
    for (int looks = 0; looks < kLooks; ++looks) {
        if (it == debts.end()) {
            if (std::exchange(wrapped, true))
                return Search::Nothing;
            it = debts.begin();
            continue;
        }
        if (wrapped && it->first > start)
            return Search::Nothing;
        const ObjectKey key = it->first;
        const QByteArray account = accountOf(key);
        if (!credentials(account)) {
            it = debts.lower_bound(account + char('/' + 1)); // everything of the account waits for that
            next = std::min<std::chrono::milliseconds>(next, kAskAgain);
            continue;
        }
        const Pause *pause = pauseOf(queue, key, it->second);
        if (pause && pause->due > now()) {
            next = std::min(next, pause->due - now());
        } else if (isBlocked(backend.id(), queue, key)) {
            next = std::min<std::chrono::milliseconds>(next, kLookAgain);
        } else {
            queue.cursor = key;
            begin(backend.id(), queue, key);
            return Search::Begun;
        }
        ++it;
    }
    queue.cursor = it == debts.begin() ? ObjectKey() : std::prev(it)->first;
    return Search::More;
}

/// None when the debt that was waited for has been paid, and this is another one.
Delivery::Pause *Delivery::pauseOf(Queue &queue, const ObjectKey &key,
                                   const state::Catalogue::Owed &owed) const
{
    const auto pause = queue.pauses.find(key);
    if (pause == queue.pauses.end())
        return nullptr;
    if (pause->second.since == owed.since)
        return &pause->second;
    queue.pauses.erase(pause);
    return nullptr;
}

/// Debts are paid by others as well: a client's upload, for one.
void Delivery::dropOldPauses(const QString &server, Queue &queue)
{
    const state::Catalogue::Debts &debts = m_catalogue.debts(server);
    if (queue.pauses.size() > 2 * debts.size() + kAtOnce)
        std::erase_if(queue.pauses, [&](const auto &pause) { return !debts.contains(pause.first); });
}

/// Somebody works on the path there, or something comes first. Where it is not known yet what became of an
/// upload, a folder's delete would take an acknowledged file with it: the catalogue has no record of it.
bool Delivery::isBlocked(const QString &server, const Queue &queue, const ObjectKey &key) const
{
    if (m_environment->intents.isUnresolved(key) || m_environment->locks.isHeld(key) ||
        m_environment->lanes.isBusy(server, key) || m_environment->readers.isRead(key, server) ||
        queue.running.contains(key))
        return true;
    if (const auto below = queue.running.lower_bound(key + '/');
        below != queue.running.end() && replica::isAtOrBelow(below->first, key))
        return true;
    bool blocked = false;
    forEachAncestor(key, [&](QByteArrayView above) {
        const ObjectKey folder = above.toByteArray();
        const auto owed = m_catalogue.debt(folder, server);
        // A folder that is only looked at again does not keep others waiting.
        const auto pause = queue.pauses.find(folder);
        const bool verified = pause != queue.pauses.end() && pause->second.task == CopyMending::Task::Verify;
        blocked =
            blocked || queue.running.contains(folder) || (owed && owed->debt >= Debt::Stale && !verified);
    });
    return blocked;
}

const Credentials *Delivery::credentials(const QByteArray &account)
{
    Account &known = m_accounts[account];
    if (known.credentials &&
        known.credentials->expires - kTokenReserve > m_environment->clock.wall().count() / 1000)
        return &*known.credentials;
    if (known.asking || known.askAgain > now())
        return nullptr;
    known.asking = true;
    m_tokens.obtain(account, this, [this, account](const Result<Credentials> &result) {
        Account &asked = m_accounts[account];
        asked.asking = false;
        if (result) {
            asked.credentials = *result;
            asked.problem.clear();
            schedule(0ms);
        } else {
            asked.credentials.reset();
            asked.problem = result.error().detail;
            asked.askAgain = now() + kAskAgain;
        }
    });
    const Account &asked = m_accounts[account];
    return asked.credentials && !asked.asking ? &*asked.credentials : nullptr;
}

void Delivery::begin(const QString &server, Queue &queue, const ObjectKey &key)
{
    const Credentials token = *credentials(accountOf(key));
    health::Backend *backend = m_environment->backends.find(server);
    if (m_catalogue.debt(key, server)->debt == Debt::Differs) {
        beginSaving(*backend, queue, key, token);
        return;
    }
    if (isToGo(*backend, key)) {
        beginRemoval(*backend, queue, key, token);
        return;
    }
    const auto pause = queue.pauses.find(key);
    const auto task = pause == queue.pauses.end() ? CopyMending::Task::Mend : pause->second.task;
    auto *mending = new CopyMending(*m_environment, *backend, key, token, task, this);
    queue.running[key] = mending;
    connect(
        mending, &CopyMending::finished, this,
        [this, server, key, mending](CopyMending::Result result) {
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

void Delivery::beginRemoval(health::Backend &backend, Queue &queue, const ObjectKey &key,
                            const Credentials &token)
{
    auto *removal = new ExtraRemoval(*m_environment, backend, key, token, this);
    queue.running[key] = removal;
    connect(
        removal, &ExtraRemoval::finished, this,
        [this, server = backend.id(), key](const QString &problem) { handleRemoved(server, key, problem); });
    removal->start();
}

void Delivery::beginSaving(health::Backend &backend, Queue &queue, const ObjectKey &key,
                           const Credentials &token)
{
    auto *saving = new ConflictSaving(*m_environment, m_conflicts, backend, key, token,
                                      ConflictSaving::Wanted::OtherVersion, this);
    queue.running[key] = saving;
    connect(saving, &ConflictSaving::finished, this,
            [this, server = backend.id(), key, saving](const Status &status) {
                handleSaved(server, key, status, saving->isNew());
            });
    saving->start();
}

void Delivery::handleSaved(const QString &server, const ObjectKey &key, const Status &status, bool isNew)
{
    Queue &queue = m_queues[server];
    if (const auto running = queue.running.extract(key))
        running.mapped()->deleteLater();
    if (!status) {
        pauseFor(server, key, status.error().detail);
    } else {
        queue.pauses.erase(key);
        m_catalogue.keptAside(key, server);
        const health::Backend *backend = m_environment->backends.find(server);
        if (isNew) {
            m_environment->activity.record(
                telemetry::Level::Warning, telemetry::Category::Repair,
                QStringLiteral("had another version of a file, which is kept aside (cring conflicts list)"),
                backend ? backend->name() : server, QString::fromLatin1(accountOf(key)));
        }
    }
    schedule(0ms);
}

/// What could not be kept aside for want of room need not wait out its pause when there is some.
void Delivery::handleRoom()
{
    for (auto &[server, queue] : m_queues) {
        for (auto &[key, pause] : queue.pauses) {
            if (const auto owed = m_catalogue.debt(key, server); owed && owed->debt == Debt::Differs)
                pause.due = 0ms;
        }
    }
    schedule(kSoon);
}

void Delivery::handleMended(const QString &server, const ObjectKey &key, const CopyMending &mending,
                            CopyMending::Result result)
{
    const QString reason = mending.reason();
    const quint64 version = mending.version();
    const auto task = mending.task();
    Queue &queue = m_queues[server];
    if (const auto running = queue.running.extract(key))
        running.mapped()->deleteLater();
    if (result == CopyMending::Result::Adopted) {
        queue.pauses.erase(key);
    } else if (result != CopyMending::Result::Mended) {
        pauseFor(server, key, reason);
    } else if (task == CopyMending::Task::Mend &&
               m_catalogue.copyState(key, server) == state::CopyState::InDoubt) {
        lookAgainLater(server, key);
    } else {
        mended(server, key, version);
    }
    schedule(0ms);
}

/// A server that had a change in hand when it stopped may run it after it wakes.
void Delivery::lookAgainLater(const QString &server, const ObjectKey &key)
{
    const auto owed = m_catalogue.debt(key, server);
    m_queues[server].pauses[key] = {
        0, now() + m_environment->config.timing.secondLook, CopyMending::Task::Verify,
        QStringLiteral("was put right, and is looked at again before it is read"), owed ? owed->since : 0};
}

void Delivery::mended(const QString &server, const ObjectKey &key, quint64 version)
{
    Queue &queue = m_queues[server];
    queue.pauses.erase(key);
    ++queue.delivered;
    // In this order: dying between the two leaves an extra copy that is known.
    giveBack(key, server, version);
    m_catalogue.clearVersion(key, server, version);
    report(server);
}

void Delivery::handleRemoved(const QString &server, const ObjectKey &key, const QString &problem)
{
    Queue &queue = m_queues[server];
    if (const auto running = queue.running.extract(key))
        running.mapped()->deleteLater();
    const bool inDoubt = m_catalogue.copyState(key, server) == state::CopyState::InDoubt;
    const auto pause = queue.pauses.find(key);
    const bool secondLook = pause != queue.pauses.end() && pause->second.task == CopyMending::Task::Verify;
    if (!problem.isEmpty()) {
        pauseFor(server, key, problem);
    } else if (inDoubt && !secondLook) {
        lookAgainLater(server, key);
    } else {
        queue.pauses.erase(key);
        m_catalogue.dropCopy(key, server);
        report(server);
    }
    schedule(0ms);
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

void Delivery::pauseFor(const QString &server, const ObjectKey &key, const QString &problem)
{
    qCDebug(lcDelivery) << server << problem;
    const auto owed = m_catalogue.debt(key, server);
    if (!owed)
        return;
    Pause &pause = m_queues[server].pauses[key];
    pause.since = owed->since;
    const auto wait =
        std::min<std::chrono::milliseconds>(kFirstRetry * (1LL << std::min(pause.attempts, 6)), kLastRetry);
    ++pause.attempts;
    pause.problem = problem;
    pause.due = now() + std::chrono::milliseconds(static_cast<qint64>(static_cast<double>(wait.count()) *
                                                                      m_environment->random.jitter(0.2)));
}

/// One word for all that a server had missed, when it has got it.
void Delivery::report(const QString &server)
{
    Queue &queue = m_queues[server];
    if (queue.delivered == 0 || !queue.running.empty() ||
        m_catalogue.debts(server).size() > queue.pauses.size())
        return;
    const health::Backend *backend = m_environment->backends.find(server);
    m_report.add(backend ? backend->name() : server, std::exchange(queue.delivered, 0));
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
        if (const auto account = m_accounts.constFind(accountOf(it->first)); account != m_accounts.constEnd())
            item.problem = account->problem;
        if (queue != m_queues.end()) {
            item.running = queue->second.running.contains(it->first);
            if (const auto pause = queue->second.pauses.find(it->first);
                pause != queue->second.pauses.end()) {
                item.attempts = pause->second.attempts;
                item.wait = std::max(0ms, pause->second.due - now());
                item.problem = pause->second.problem;
            }
        }
        list.append(item);
    }
    return list;
}

} // namespace cring::repair
