// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/worker.h"

#include "core/state/directorylock.h"

#include <QLoggingCategory>

#include <future>

namespace cring::state {

Q_LOGGING_CATEGORY(logState, "cring.state")

namespace {

using std::chrono::milliseconds;

// A change takes some 10 µs: so long at most does one that must reach the disk wait for those beside it.
constexpr size_t kLargestBatch = 512;
// Pauses after failed commits are some of these, and double each time.
constexpr milliseconds kPause{100};
constexpr int kLongestPause = 50;
// At the end somebody waits.
constexpr int kLastAttempts = 20;
// Of changes. A lone one adds some 6 KiB to the log: it is copied back at 3 MiB when there is nothing else to
// do.
constexpr size_t kCheckpointWhenIdle = 500;
constexpr size_t kCheckpointWhenBusy = 4'000;

constexpr auto kTouch = "INSERT INTO meta (name, value) VALUES ('flushes', 1)"
                        " ON CONFLICT (name) DO UPDATE SET value = value + 1";

QString words(Session::Failure failure, const Error &error)
{
    if (error.code == Code::StateDirectory)
        return error.detail;
    switch (failure) {
    case Session::Failure::Full:
        return QStringLiteral(
                   "the disk is full (%1). What happens is kept in memory until there is room again: "
                   "make some, and leave the service running meanwhile")
            .arg(error.detail);
    case Session::Failure::Damage:
        return QStringLiteral("the database is damaged (%1). Restart the service: it sets the file aside and "
                              "rebuilds it from the servers")
            .arg(error.detail);
    case Session::Failure::Busy:
        return QStringLiteral(
                   "another program holds the database (%1). Close it; what happens is kept in memory "
                   "until then")
            .arg(error.detail);
    default:
        return QStringLiteral("the database cannot be written (%1). What happens is kept in memory and tried "
                              "again: check the disk")
            .arg(error.detail);
    }
}

} // namespace

Worker::Worker(Session::Place place, DirectoryLock *lock, std::function<void()> tell)
    : m_place(std::move(place))
    , m_lock(lock)
    , m_tell(std::move(tell))
{
}

Worker::~Worker() = default;

Status Worker::start()
{
    std::promise<Status> connected;
    m_thread.reset(QThread::create([this, &connected] {
        Session session(m_place);
        const Status opened = session.open();
        connected.set_value(opened);
        if (opened.ok())
            run(session);
    }));
    m_thread->setObjectName(QStringLiteral("cring-state"));
    m_thread->start();
    Status opened = connected.get_future().get();
    if (!opened.ok())
        m_thread->wait();
    return opened;
}

void Worker::push(std::vector<Task> tasks)
{
    {
        const std::lock_guard guard(m_mutex);
        for (Task &task : tasks) {
            m_queuedReads += task.query ? 1 : 0;
            m_queue.push_back(std::move(task));
        }
    }
    m_wake.notify_one();
}

Worker::News Worker::takeNews()
{
    const std::lock_guard guard(m_mutex);
    m_told = false;
    News news = std::exchange(m_news, {});
    m_news.problem = news.problem;
    return news;
}

bool Worker::finish()
{
    {
        const std::lock_guard guard(m_mutex);
        m_finishing = true;
    }
    m_wake.notify_one();
    m_thread->wait();
    const std::lock_guard guard(m_mutex);
    return m_clean;
}

void Worker::run(Session &session)
{
    for (Batch batch = takeBatch(); !batch.empty(); batch = takeBatch()) {
        if (batch.front().query)
            read(session, batch);
        else if (!commit(session, std::move(batch)))
            return;
        checkpointWhenDue(session);
    }
    const bool clean = checkpointAll(session);
    const std::lock_guard guard(m_mutex);
    m_clean = clean;
}

/// What waits at the front of the queue and is of one kind; nothing when it is time to end.
Worker::Batch Worker::takeBatch()
{
    std::unique_lock lock(m_mutex);
    m_wake.wait(lock, [this] { return m_finishing || !m_queue.empty(); });
    Batch batch;
    const auto sameKind = [&] {
        return batch.empty() || !batch.front().query == !m_queue.front().query;
    };
    const auto hasRoom = [&] {
        return batch.size() < kLargestBatch || batch.back().together;
    };
    while (!m_queue.empty() && hasRoom() && sameKind()) {
        batch.push_back(std::move(m_queue.front()));
        m_queue.pop_front();
        m_queuedReads -= batch.back().query ? 1 : 0;
    }
    return batch;
}

void Worker::read(Session &session, const Batch &batch)
{
    for (const Task &task : batch) {
        session.forgetFailure();
        task.query(session);
        if (session.failure() == Session::Failure::Damage)
            suffer(session, session.failed().error());
    }
    announce([&](News &news) {
        for (const Task &task : batch)
            news.done.push_back(task.number);
    });
}

/// False when it gave up, at the end.
bool Worker::commit(Session &session, Batch batch)
{
    for (int failures = 0; !batch.empty();) {
        size_t at = batch.size();
        session.forgetFailure();
        const Status status = attempt(session, batch, at);
        if (status.ok()) {
            m_sinceCheckpoint += batch.size();
            announce([&](News &news) {
                for (const Task &task : batch)
                    news.done.push_back(task.number);
                news.problem.clear();
            });
            return true;
        }
        const bool storage = session.failure() > Session::Failure::Fault;
        if (storage || at == batch.size())
            suffer(session, status.error());
        (void)session.once(QStringLiteral("ROLLBACK")); // SQLite may have done it already.
        if (!storage && at < batch.size()) {
            refuse(batch.at(at), status.error());
            batch.erase(batch.begin() + static_cast<qsizetype>(at));
        } else if (!waitToRetry(session, ++failures)) {
            return false;
        }
    }
    return true;
}

/// `at` is the change that it failed at, if it was one.
Status Worker::attempt(Session &session, const Batch &batch, size_t &at)
{
    // SQLite goes on writing to a file that has no name any more.
    if (m_lock && !m_lock->isInPlace())
        return m_lock->lost();
    const bool power = std::any_of(batch.begin(), batch.end(), [](const Task &task) { return task.power; });
    if (power != m_power) {
        // Not allowed inside a transaction. In WAL mode FULL means an fsync at each commit, NORMAL none.
        if (Status set = session.once(power ? QStringLiteral("PRAGMA synchronous = FULL")
                                            : QStringLiteral("PRAGMA synchronous = NORMAL"));
            !set.ok())
            return set;
        m_power = power;
    }
    if (Status begun = session.run(QStringLiteral("BEGIN IMMEDIATE")); !begun.ok())
        return begun;
    for (size_t i = 0; i < batch.size(); ++i) {
        if (Status changed = batch[i].change(session); !changed.ok()) {
            at = i;
            return changed;
        }
        // Whether the change took notice or not: the transaction may be gone.
        if (session.failure() > Session::Failure::Fault)
            return session.failed();
    }
    // What changes nothing, because the same stands there already, reaches the log no more than the fsync
    // does: and the same may stand there from a commit that is not on the disk yet.
    if (power) {
        if (Status touched = session.run(QString::fromLatin1(kTouch)); !touched.ok())
            return touched;
    }
    return session.run(QStringLiteral("COMMIT"));
}

void Worker::refuse(const Task &task, const Error &error)
{
    const QString words =
        QStringLiteral("something that happened could not be recorded (%1). That is a fault of "
                       "this program; please report it")
            .arg(error.detail);
    qCCritical(logState, "%s", qUtf8Printable(words));
    announce([&](News &news) { news.refused.push_back({task.number, words}); });
}

void Worker::suffer(const Session &session, const Error &error)
{
    if (session.failure() == Session::Failure::Damage && m_lock)
        m_lock->markSuspect();
    const QString problem = words(session.failure(), error);
    announce([&](News &news) {
        if (news.problem != problem)
            qCWarning(logState, "%s", qUtf8Printable(problem));
        news.problem = problem;
    });
}

/// False when it was tried often enough and somebody waits for the end. Reads go on meanwhile.
bool Worker::waitToRetry(Session &session, int failures)
{
    const int pauses = std::min(1 << std::min(failures - 1, 30), kLongestPause);
    for (int pause = 0; pause < pauses; ++pause) {
        std::unique_lock lock(m_mutex);
        const bool woken = m_wake.wait_for(lock, kPause, [this] { return m_queuedReads > 0; });
        if (m_finishing)
            return ++m_lastAttempts <= kLastAttempts;
        if (woken) {
            const Batch reads = takeReads();
            lock.unlock();
            read(session, reads);
        }
    }
    return true;
}

/// The reads that wait, out of their turn. Under the mutex.
Worker::Batch Worker::takeReads()
{
    Batch reads;
    std::deque<Task> rest;
    for (Task &task : m_queue) {
        if (task.query)
            reads.push_back(std::move(task));
        else
            rest.push_back(std::move(task));
    }
    m_queue = std::move(rest);
    m_queuedReads = 0;
    return reads;
}

void Worker::checkpointWhenDue(Session &session)
{
    if (m_sinceCheckpoint < kCheckpointWhenIdle)
        return;
    {
        const std::lock_guard guard(m_mutex);
        if (!m_queue.empty() && m_sinceCheckpoint < kCheckpointWhenBusy)
            return;
    }
    m_sinceCheckpoint = 0;
    // When it fails, everything is still in the log.
    (void)session.once(QStringLiteral("PRAGMA wal_checkpoint(PASSIVE)"));
}

bool Worker::checkpointAll(Session &session)
{
    bool busy = true;
    const Status status = session.each(QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)"), {},
                                       [&](const Row &row) { busy = row.int64(0) != 0; });
    return status.ok() && !busy;
}

void Worker::announce(const std::function<void(News &)> &change)
{
    bool tell = false;
    {
        const std::lock_guard guard(m_mutex);
        change(m_news);
        tell = !std::exchange(m_told, true);
    }
    if (tell)
        m_tell();
}

} // namespace cring::state
