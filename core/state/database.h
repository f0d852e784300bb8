// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/state/worker.h"

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QTimer>

namespace cring::state {

class DirectoryLock;

enum class Durability {
    Process, ///< Survives the death of the process at any instant; a power cut within the next second may
             ///< take it.
    Power,   ///< On the disk (fsync) before `done` is called.
};

/// What the service remembers: SQLite in `state.db` of the state directory, with everything that changes it
/// on a thread of its own, so that the event loop never waits for the disk. Docs: docs/state.md, ADR 8. Lives
/// on one thread (the event loop's); `done` is called there. Only open() and close() block.
class Database : public QObject
{
    Q_OBJECT

public:
    /// What was found. `created`, `unclaimed` and a power cut ask for work: they are told at every start
    /// until that has been done.
    struct Opened
    {
        bool created = false; ///< Nothing was there, or it was set aside: to be rebuilt from the servers.
        QString setAside;     ///< Where a damaged file went; empty when none was damaged.
        QString problem;      ///< What was wrong with it, for a person.
        /// The machine stopped without our closing it, or that cannot be told, and nothing has followed from
        /// it yet: noticePowerCut().
        bool powerCut = false;
        bool closed = true;     ///< The service before closed it, or there was none.
        bool unclaimed = false; ///< What lies in the folders beside it is of a database before: claimed().
        quint64 powerCutAt = 0; ///< What the last power cut was noticed with, until settle().
    };

    /// Makes the directory (0700) and `state.db` (0600) when they are not there, locks the directory, sets a
    /// damaged file aside and begins a new one, brings the schema up to date. Blocks: before the event loop
    /// runs. StateDirectory, StateFile, StateLocked, StateNewer.
    static Result<std::unique_ptr<Database>> open(const QString &directory, const IClock &clock,
                                                  IRandom &random, Opened *opened = nullptr);
    /// Forgets everything at its end: for a service without a state directory, and for tests.
    static std::unique_ptr<Database> inMemory(IRandom &random);
    /// Closes.
    ~Database() override;

    /// For loading at the start, before the first write() or read(); not afterwards. Damage that shows only
    /// there (StateDamaged): destroy this and open() again, which then looks thoroughly and sets it aside.
    Session &session();

    /// Belongs into the change that records what follows from `created` and a power cut: from then on they
    /// are not told again.
    static Status settle(Session &session);
    /// What follows at once from a power cut is recorded behind what was written before; the rest follows
    /// from `version`, which is told instead from now on.
    void noticePowerCut(quint64 version);
    /// What lay in the folders is dealt with. Before the first write().
    Status claimed();

    /// Of XXH3 over files. Made once for each installation; another one when the state is lost.
    quint64 digestSeed() const { return m_digestSeed; }

    /// Runs on the worker, and again after a failed commit: it must be repeatable, hold values, and touch
    /// nothing but the session. Errors of the session are returned as they are. A change whose error is not
    /// the disk's can never be recorded: it is left out, done is not called, changeRefused() tells.
    using Change = std::function<Status(Session &)>;
    using Query = std::function<void(Session &)>;
    using Done = std::function<void()>;
    using Failed = std::function<void(const QString &problem)>;

    /// Queues a change. Changes are committed in the order of their writing, as many as wait in one
    /// transaction; those of one turn of the event loop always together, so that nobody finds half of what
    /// one decision has changed. `done` is called once it is committed, in that order, unless `context` has
    /// died. `failed`, for who cannot wait for a full disk, is called instead as soon as there is a
    /// problem(): the change still waits, and is made when it can be.
    void write(Change change, Durability durability = Durability::Process, QObject *context = nullptr,
               Done done = {}, Failed failed = {});
    /// `done` when everything written so far is committed.
    void flush(Durability durability, QObject *context, Done done, Failed failed = {});
    /// Runs the query on the worker after what was written before it (while nothing can be committed: without
    /// what waits), then calls `done` here. What they share must not be touched in between.
    void read(Query query, QObject *context, Done done);

    /// Why nothing can be committed (full disk, I/O error, a directory that is gone), for a person; empty
    /// while all is well. What waits is kept, in order, and tried again.
    QString problem() const { return m_problem; }
    /// Changes and reads that are not done yet.
    qsizetype pending() const { return m_pending; }

    /// Commits what waits, calls what is to be called, ends the worker and marks a clean end. Blocks, for
    /// some seconds at most when nothing can be committed; what is still pending() then is lost.
    void close();

Q_SIGNALS:
    void problemChanged();
    /// A fault of the program, in words: what the change would have recorded is not.
    void changeRefused(const QString &words);

private:
    struct Waiting
    {
        bool hasContext = false;
        QPointer<QObject> context;
        Done done;
        Failed failed;
    };

    Database(std::unique_ptr<DirectoryLock> lock, std::unique_ptr<Session> session);

    Status prepare(Opened &opened, IRandom &random);
    Status loadDigestSeed(IRandom &random);
    Status startWorker();
    quint64 expect(QObject *context, Done done, Failed failed = {});
    void tellOfProblem();
    void handOver();
    void syncLater();
    void sync();
    void lookWhetherInPlace();
    void endLoading();
    void handleNews();
    void deliver(const Worker::News &news);

    std::unique_ptr<DirectoryLock> m_lock; ///< nullptr in memory.
    std::unique_ptr<Session> m_session;    ///< Until the worker has something to do.
    std::unique_ptr<Worker> m_worker;      ///< Until close().
    QHash<quint64, Waiting> m_waiting;
    std::vector<Worker::Task> m_turn; ///< Written in this turn of the event loop.
    QTimer m_sync;                    ///< Runs while something may not be on the disk yet.
    QTimer m_look;                    ///< Whether the directory is still there.
    quint64 m_lastNumber = 0;
    qsizetype m_pending = 0;
    quint64 m_digestSeed = 0;
    QString m_problem;
};

} // namespace cring::state
