// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/mirror.h"

#include "core/base/words.h"

#include <QDateTime>

namespace cring::backup {

using namespace std::chrono_literals;
using replica::ObjectKey;
using state::BucketLedger;

namespace {

constexpr int kAtOnce = 16;
/// Keys that are looked at in one turn of the event loop.
constexpr int kLooks = 1'000;
constexpr auto kNow = 0ms;
constexpr auto kSoon = 1'000ms;
/// Of the window, and of what nobody tells us of.
constexpr auto kTick = 30s;
/// A person's decision about deletes that were held, until there are none.
const QByteArray kReleased = QByteArrayLiteral("deletes_released");

} // namespace

Mirror::Mirror(S3Client &client, UploadMemory &uploads, BucketLedger &ledger, BucketLedger::Bucket bucket,
               replica::ITokenSource &tokens, const IClock &clock, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_uploads(uploads)
    , m_ledger(ledger)
    , m_bucket(bucket)
    , m_tokens(tokens, clock)
    , m_clock(clock)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Mirror::work);
    connect(&m_ledger, &BucketLedger::owedChanged, this, [this](int changed) {
        if (changed == m_bucket)
            wake(kNow);
    });
    connect(&m_ledger, &BucketLedger::compared, this, &Mirror::handleCompared);
    connect(&m_tokens, &replica::AccountTokens::available, this, [this] { wake(kNow); });
}

Mirror::~Mirror() = default;

void Mirror::setEnvironment(replica::Environment &environment)
{
    m_environment = &environment;
    m_rules.secondLook = environment.config.timing.secondLook;
    wake(kNow);
}

QSet<replica::ObjectKey> Mirror::uncertain() const
{
    QSet<replica::ObjectKey> keys = m_uncertain;
    for (const auto &[key, task] : m_tasks)
        keys.insert(key);
    return keys;
}

void Mirror::handleCompared()
{
    // What was under way when the service before was killed is owed, and known by now.
    if (std::exchange(m_restarted, false)) {
        for (const auto &[key, owed] : m_ledger.debts(m_bucket))
            m_uncertain.insert(key);
    }
    wake(kNow);
}

void Mirror::setRules(const Rules &rules)
{
    const auto look = m_rules.secondLook;
    m_rules = rules;
    m_rules.secondLook = look;
    wake(kNow);
}

void Mirror::setPaused(bool paused)
{
    m_paused = paused;
    wake(kNow);
    Q_EMIT changed();
}

void Mirror::setLocked(const QString &problem)
{
    if (std::exchange(m_locked, problem) == problem)
        return;
    wake(kNow);
    Q_EMIT changed();
}

void Mirror::setVersioned(std::optional<bool> versioned)
{
    m_versioned = versioned;
    wake(kNow);
}

void Mirror::hurry()
{
    m_waits.clear();
    m_until = 0ms;
    m_tokens.retry();
    wake(kNow);
}

Mirror::State Mirror::state() const
{
    if (!m_locked.isEmpty())
        return State::Locked;
    if (m_paused)
        return State::Paused;
    const BucketLedger::Sum sum = m_ledger.sum(m_bucket);
    if (m_tasks.empty() && sum.stores == 0 && (sum.removals == 0 || holds()))
        return m_problem.isEmpty() ? State::Idle : State::Waiting;
    if (m_tasks.empty() && !isOpen())
        return State::Closed;
    return m_problem.isEmpty() ? State::Working : State::Waiting;
}

QString Mirror::objectProblem() const
{
    qint64 count = 0;
    QString last;
    for (auto wait = m_waits.begin(); wait != m_waits.end(); ++wait) {
        if (!m_ledger.debts(m_bucket).contains(wait.key()))
            continue;
        ++count;
        last = wait->problem;
    }
    return count == 0 ? QString()
                      : QStringLiteral("%1 cannot be stored: %2").arg(words::counted(count, "object"), last);
}

// ---- deletes that wait ----

qint64 Mirror::removalsOfAnHour() const
{
    qint64 sum = 0;
    for (auto it = m_removals.lower_bound(m_clock.wall().count() / 60'000 - 60); it != m_removals.end(); ++it)
        sum += it->second;
    return sum;
}

void Mirror::noteRemoval()
{
    const qint64 minute = m_clock.wall().count() / 60'000;
    ++m_removals[minute];
    m_removals.erase(m_removals.begin(), m_removals.lower_bound(minute - 60));
}

bool Mirror::holds() const
{
    return m_held && m_versioned == false;
}

qint64 Mirror::heldDeletes() const
{
    return holds() ? m_ledger.sum(m_bucket).removals : 0;
}

void Mirror::release()
{
    m_ledger.setFact(m_bucket, kReleased, "1");
    m_held = false;
    m_removals.clear();
    wake(kNow);
    Q_EMIT changed();
}

qint64 Mirror::discard()
{
    QList<ObjectKey> keys;
    for (const auto &[key, owed] : m_ledger.debts(m_bucket)) {
        if (owed.need == Need::Remove)
            keys << key;
    }
    for (const ObjectKey &key : std::as_const(keys)) {
        auto object = m_ledger.object(m_bucket, key);
        object->kept = true;
        m_ledger.set(m_bucket, key, *object);
    }
    m_held = false;
    wake(kNow);
    Q_EMIT changed();
    return keys.size();
}

// ---- work ----

void Mirror::wake(std::chrono::milliseconds after)
{
    if (!m_timer.isActive() || m_timer.remainingTimeAsDuration() > after)
        m_timer.start(after);
}

bool Mirror::mayWork() const
{
    return m_environment && m_locked.isEmpty() && !m_paused && m_clock.steady() >= m_until && isOpen();
}

/// By the clock on the wall here.
bool Mirror::isOpen() const
{
    const auto now = QDateTime::fromMSecsSinceEpoch(m_clock.wall().count());
    return !m_rules.window || m_rules.window->contains(now.time());
}

void Mirror::work()
{
    if (!mayWork()) {
        const auto left = m_until - m_clock.steady();
        wake(left > 0ms ? std::min<std::chrono::milliseconds>(left, kTick) : kTick);
        return;
    }
    const BucketLedger::Sum sum = m_ledger.sum(m_bucket);
    const bool released = !m_ledger.fact(m_bucket, kReleased).isEmpty();
    if (sum.removals == 0 && released)
        m_ledger.setFact(m_bucket, kReleased, {});
    if (!m_held && !released && m_rules.holdDeletes > 0 && m_versioned == false && sum.removals > 0 &&
        sum.removals + removalsOfAnHour() > m_rules.holdDeletes) {
        m_held = true;
        Q_EMIT changed();
    }
    if (sum.removals == 0)
        m_held = false;
    // One at a time while the bucket has a problem: that it is over, the first good answer says.
    const int limit = m_failures > 0 ? 1 : kAtOnce;
    const BucketLedger::Debts &debts = m_ledger.debts(m_bucket);
    m_soonest = std::chrono::milliseconds::max();
    auto it = debts.upper_bound(m_cursor);
    for (int looks = 0; looks < kLooks && underWay() < limit; ++looks) {
        if (it == debts.end()) {
            m_cursor.clear();
            if (looks >= static_cast<int>(debts.size()))
                break;
            it = debts.begin();
            if (it == debts.end())
                break;
        }
        m_cursor = it->first;
        if (!m_tasks.contains(it->first))
            consider(it->first, it->second);
        ++it;
    }
    if (debts.empty())
        return;
    if (underWay() >= limit)
        return; // the end of one wakes
    const bool more = static_cast<int>(debts.size()) > kLooks;
    wake(more ? kSoon : std::clamp<std::chrono::milliseconds>(m_soonest, 10ms, kTick));
}

/// Begins it, where it may be begun now.
void Mirror::consider(const ObjectKey &key, const BucketLedger::Owed &owed)
{
    const auto now = m_clock.steady();
    if (const auto wait = m_waits.constFind(key); wait != m_waits.constEnd() && wait->until > now) {
        m_soonest = std::min(m_soonest, wait->until - now);
        return;
    }
    if (owed.need == Need::Look) {
        const auto age = m_clock.wall().count() - owed.since;
        if (age >= 0 && age < m_rules.secondLook.count()) {
            m_soonest = std::min(m_soonest, m_rules.secondLook - std::chrono::milliseconds(age));
            return;
        }
        begin(key, owed.need, std::nullopt);
        return;
    }
    if (owed.need == Need::Remove) {
        // A folder's delete is counted whole before anything of it is carried out.
        if (holds() || !m_versioned || !m_ledger.isCompared())
            return;
        begin(key, owed.need, std::nullopt);
        return;
    }
    const auto record = m_environment->catalogue.find(key);
    if (!record || record->folder) {
        begin(key, owed.need, std::nullopt);
        return;
    }
    const replica::Credentials *token = m_tokens.find(state::accountOf(key));
    if (!token)
        return; // available() wakes
    begin(key, owed.need, *token);
}

void Mirror::begin(const ObjectKey &key, Need need, std::optional<replica::Credentials> credentials)
{
    const MirrorTask::Means means{*m_environment, m_client, m_uploads, m_ledger, m_bucket};
    auto task = std::make_unique<MirrorTask>(means, key, need, std::move(credentials),
                                             m_restarted || m_uncertain.contains(key), nullptr);
    MirrorTask &begun = *task;
    connect(&begun, &MirrorTask::finished, this,
            [this, &begun](const std::optional<MirrorProblem> &problem, qint64 bytes) {
                handleFinished(begun, problem, bytes);
            });
    m_tasks.emplace(key, std::move(task));
    begun.start();
}

void Mirror::handleFinished(MirrorTask &task, const std::optional<MirrorProblem> &problem, qint64 bytes)
{
    const auto it = m_tasks.find(task.key());
    const ObjectKey key = it->first;
    it->second.release()->deleteLater();
    m_tasks.erase(it);
    const auto now = m_clock.steady();
    if (!problem) {
        m_failures = 0;
        m_uncertain.remove(key);
        m_waits.remove(key);
        m_lastDone = m_clock.wall().count();
        if (task.need() == Need::Store) {
            ++m_counts.stored;
            m_counts.bytes += bytes;
            if (task.sent())
                Q_EMIT stored(key, bytes);
        } else if (task.need() == Need::Remove) {
            ++m_counts.removed;
            noteRemoval();
            Q_EMIT removed(key);
        }
        if (!std::exchange(m_problem, {}).isEmpty())
            Q_EMIT changed();
    } else {
        ++m_counts.failed;
        m_uncertain.insert(key);
        if (problem->whose == MirrorProblem::Whose::Bucket) {
            // Others that were under way have failed for the same reason: that counts once.
            if (now >= m_until)
                ++m_failures;
            const auto asked = std::chrono::seconds(std::max(problem->retryAfter, 0));
            m_until =
                std::max(m_until, now + std::max<std::chrono::milliseconds>(pauseAfter(m_failures), asked));
            if (m_problem.isEmpty())
                m_problemSince = m_clock.wall().count();
            m_problem = problem->words;
            m_problemCode = problem->code;
        } else {
            Wait &wait = m_waits[key];
            ++wait.failures;
            wait.until = now + pauseAfter(wait.failures + 2);
            wait.problem = problem->words;
        }
        Q_EMIT changed();
    }
    wake(kNow);
}

std::chrono::milliseconds Mirror::pauseAfter(int failures) const
{
    const auto pause = m_rules.firstPause * (1LL << std::clamp(failures - 1, 0, 16));
    return std::min<std::chrono::milliseconds>(pause, m_rules.longestPause);
}

} // namespace cring::backup
