// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/database.h"

#include "core/state/databasefile.h"
#include "core/state/directorylock.h"
#include "core/state/schema.h"

#include <QLoggingCategory>
#include <QtEndian>

namespace cring::state {

Q_LOGGING_CATEGORY(logDatabase, "cring.state")

namespace {

using namespace std::chrono_literals;

/// A power cut takes no more than so much of what did not have to be on the disk.
constexpr auto kSyncWithin = 1s;
const QString kPowerCut = QStringLiteral("power_cut");
/// A service that has nothing to write notices within so long that its directory is gone.
constexpr auto kLookEvery = 2s;

} // namespace

Result<std::unique_ptr<Database>> Database::open(const QString &directory, const IClock &clock,
                                                 IRandom &random, Opened *opened)
{
    auto lock = DirectoryLock::take(directory);
    if (!lock.ok())
        return lock.error();
    DatabaseFile file(directory, clock);
    auto session = file.open((*lock)->before());
    if (!session.ok())
        return session.error();
    Opened found{file.created(),
                 file.setAside(),
                 file.damage(),
                 (*lock)->before().powerCut,
                 (*lock)->before().closed,
                 file.created(),
                 0};
    std::unique_ptr<Database> database(new Database(std::move(*lock), std::move(*session)));
    Status ready = database->prepare(found, random);
    // From here on the directory is ours to close: before, its mark stays as the last service left it.
    if (ready.ok())
        ready = database->m_lock->markRunning();
    if (ready.ok())
        ready = database->startWorker();
    if (!ready.ok())
        return ready.error();
    if (opened)
        *opened = found;
    return database;
}

std::unique_ptr<Database> Database::inMemory(IRandom &random)
{
    const QString name = QStringLiteral("cring-%1").arg(random.next(), 0, 16);
    std::unique_ptr<Database> database(
        new Database(nullptr, std::make_unique<Session>(Session::Place{name, true})));
    Status ready = database->m_session->open();
    if (ready.ok())
        ready = schema::migrate(*database->m_session);
    if (ready.ok())
        ready = database->loadDigestSeed(random);
    if (ready.ok())
        ready = database->startWorker();
    if (!ready.ok())
        qFatal("no database in memory: %s", qUtf8Printable(ready.error().toString()));
    return database;
}

Database::Database(std::unique_ptr<DirectoryLock> lock, std::unique_ptr<Session> session)
    : m_lock(std::move(lock))
    , m_session(std::move(session))
{
    m_sync.setSingleShot(true);
    m_sync.setInterval(kSyncWithin);
    connect(&m_sync, &QTimer::timeout, this, &Database::sync);
    m_look.setInterval(kLookEvery);
    connect(&m_look, &QTimer::timeout, this, &Database::lookWhetherInPlace);
}

Database::~Database()
{
    close();
}

Status Database::settle(Session &session)
{
    return session.run(QStringLiteral("DELETE FROM meta WHERE name IN ('created', 'power_cut')"));
}

/// Remembers what was found, so that a service that dies before anything came of it is told again.
Status Database::prepare(Opened &opened, IRandom &random)
{
    const QString remember = QStringLiteral("INSERT OR REPLACE INTO meta (name) VALUES (?)");
    const std::pair<QString, bool *> facts[] = {{QStringLiteral("created"), &opened.created},
                                                {QStringLiteral("unclaimed"), &opened.unclaimed},
                                                {kPowerCut, &opened.powerCut}};
    Status status = loadDigestSeed(random);
    for (const auto &[name, found] : facts) {
        if (status.ok() && *found)
            status = m_session->run(remember, {name});
        if (status.ok()) {
            status = m_session->each(QStringLiteral("SELECT value FROM meta WHERE name = ?"), {name},
                                     [&, found = found](const Row &row) {
                                         if (row.int64(0) > 0)
                                             opened.powerCutAt = static_cast<quint64>(row.int64(0));
                                         else
                                             *found = true;
                                     });
        }
    }
    return status;
}

void Database::noticePowerCut(quint64 version)
{
    write(
        [version](Session &session) {
            return session.run(QStringLiteral("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)"),
                               {kPowerCut, static_cast<qint64>(version)});
        },
        Durability::Power);
}

Status Database::claimed()
{
    return m_session->run(QStringLiteral("DELETE FROM meta WHERE name = 'unclaimed'"));
}

Status Database::loadDigestSeed(IRandom &random)
{
    QByteArray seed;
    Status status = m_session->each(QStringLiteral("SELECT value FROM meta WHERE name = 'digest_seed'"), {},
                                    [&](const Row &row) { seed = row.blob(0); });
    if (status.ok() && seed.size() != sizeof(quint64)) {
        seed.resize(sizeof(quint64));
        qToBigEndian(random.next(), seed.data());
        status = m_session->run(
            QStringLiteral("INSERT OR REPLACE INTO meta (name, value) VALUES ('digest_seed', ?)"), {seed});
    }
    if (status.ok())
        m_digestSeed = qFromBigEndian<quint64>(seed.constData());
    return status;
}

Status Database::startWorker()
{
    m_worker = std::make_unique<Worker>(m_session->place(), m_lock.get(), [this] {
        QMetaObject::invokeMethod(this, &Database::handleNews, Qt::QueuedConnection);
    });
    Status started = m_worker->start();
    if (!started.ok())
        m_worker.reset();
    else if (m_lock)
        m_look.start();
    return started;
}

Session &Database::session()
{
    Q_ASSERT(m_session);
    return *m_session;
}

void Database::write(Change change, Durability durability, QObject *context, Done done, Failed failed)
{
    if (!m_worker) {
        qCCritical(logDatabase, "a change came after the database was closed, and is lost");
        return;
    }
    endLoading();
    if (m_turn.empty())
        QMetaObject::invokeMethod(this, &Database::handOver, Qt::QueuedConnection);
    if (failed && !m_problem.isEmpty())
        QMetaObject::invokeMethod(this, &Database::tellOfProblem, Qt::QueuedConnection);
    if (durability == Durability::Process)
        syncLater();
    m_turn.push_back({.number = expect(context, std::move(done), std::move(failed)),
                      .change = std::move(change),
                      .query = {},
                      .power = durability == Durability::Power,
                      .together = true});
}

void Database::handOver()
{
    if (m_turn.empty() || !m_worker)
        return;
    m_turn.back().together = false;
    m_worker->push(std::exchange(m_turn, {}));
}

/// What nobody waits for reaches the disk all the same, with everything else of the same second.
void Database::syncLater()
{
    if (!m_lock || m_sync.isActive())
        return;
    m_sync.start();
}

void Database::sync()
{
    if (m_problem.isEmpty())
        flush(Durability::Power, nullptr, {});
    else
        m_sync.start(); // It could only wait, and fail, with the others.
}

/// Something has to wait for the worker to try again, and to tell when it is back.
void Database::lookWhetherInPlace()
{
    if (m_problem.isEmpty() && !m_session && !m_lock->isInPlace())
        flush(Durability::Power, nullptr, {});
}

void Database::flush(Durability durability, QObject *context, Done done, Failed failed)
{
    write([](Session &) { return Status(); }, durability, context, std::move(done), std::move(failed));
}

void Database::read(Query query, QObject *context, Done done)
{
    if (!m_worker)
        return;
    endLoading();
    handOver();
    std::vector<Worker::Task> tasks;
    tasks.push_back({.number = expect(context, std::move(done)),
                     .change = {},
                     .query = std::move(query),
                     .power = false,
                     .together = false});
    m_worker->push(std::move(tasks));
}

void Database::close()
{
    endLoading();
    if (!m_worker)
        return;
    handOver();
    m_sync.stop();
    m_look.stop();
    // What a `done` writes now comes too late.
    const std::unique_ptr<Worker> worker = std::move(m_worker);
    const bool clean = worker->finish();
    deliver(worker->takeNews());
    if (m_pending > 0)
        qCCritical(logDatabase, "%lld changes could not be recorded and are lost: %s",
                   static_cast<long long>(m_pending), qUtf8Printable(m_problem));
    if (clean && m_lock)
        m_lock->markClosed();
    m_lock.reset();
}

quint64 Database::expect(QObject *context, Done done, Failed failed)
{
    ++m_pending;
    ++m_lastNumber;
    if (done)
        m_waiting.insert(m_lastNumber, {context != nullptr, context, std::move(done), std::move(failed)});
    return m_lastNumber;
}

/// Those that do not wait for it to end.
void Database::tellOfProblem()
{
    if (m_problem.isEmpty())
        return;
    QList<quint64> impatient;
    for (auto it = m_waiting.cbegin(); it != m_waiting.cend(); ++it) {
        if (it->failed)
            impatient << it.key();
    }
    std::sort(impatient.begin(), impatient.end());
    for (const quint64 number : std::as_const(impatient)) {
        const Waiting waiting = m_waiting.take(number);
        if (waiting.failed && (!waiting.hasContext || waiting.context))
            waiting.failed(m_problem);
    }
}

/// The caller's connection is closed before the worker has something to do: it would hold up checkpoints.
void Database::endLoading()
{
    if (m_session && m_lock && m_session->failure() == Session::Failure::Damage)
        m_lock->markSuspect();
    m_session.reset();
}

void Database::handleNews()
{
    if (m_worker)
        deliver(m_worker->takeNews());
}

void Database::deliver(const Worker::News &news)
{
    m_pending -= static_cast<qsizetype>(news.done.size() + news.refused.size());
    for (const Worker::Refusal &refusal : news.refused) {
        m_waiting.remove(refusal.number);
        Q_EMIT changeRefused(refusal.words);
    }
    if (std::exchange(m_problem, news.problem) != news.problem)
        Q_EMIT problemChanged();
    for (const quint64 number : news.done) {
        const Waiting waiting = m_waiting.take(number);
        if (waiting.done && (!waiting.hasContext || waiting.context))
            waiting.done();
    }
    tellOfProblem();
}

} // namespace cring::state
