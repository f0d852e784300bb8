// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/jobs/job.h"
#include "core/state/database.h"

#include <QTimer>

#include <functional>
#include <map>
#include <memory>

namespace cring::jobs {

/// The jobs: those that run, one of each kind, and the last ones that have ended. They are in the database
/// with their cursors, so that what runs when the service ends goes on at the next start. One thread.
class Jobs final : public QObject
{
    Q_OBJECT

public:
    /// The numbers are in the database.
    enum class State : quint8 { Running = 0, Paused = 1, Done = 2, Failed = 3, Cancelled = 4 };

    /// A job, for people. Times are ms since 1970, UTC.
    struct Info
    {
        qint64 id = 0;
        QString kind;
        QJsonObject parameters;
        State state = State::Running;
        JobProgress progress;
        QJsonObject summary; ///< Of one that is done or cancelled: Job::finished().
        QString problem;     ///< Why it failed.
        qint64 created = 0;
        qint64 changed = 0; ///< Of an ended one: its end.

        bool ended() const { return state >= State::Done; }
    };

    /// Makes a job of its kind for the newest configuration, or says what is wrong with the parameters.
    using Factory = std::function<Result<std::unique_ptr<Job>>(const QJsonObject &parameters)>;

    Jobs(state::Database &database, const IClock &clock, QObject *parent = nullptr);
    ~Jobs() override;

    /// Before renew().
    void add(const QString &kind, Factory factory);
    QStringList kinds() const { return m_factories.keys(); }
    /// Before the event loop runs.
    Status load();
    /// Once a configuration holds, and with every new one: what runs goes on from its cursor, in new hands.
    void renew();
    /// What runs is destroyed at once, before what it works with goes; renew() goes on with it. Never from
    /// within a signal of a job.
    void interrupt();
    /// Begins nothing more and ends what runs; the next start of the service goes on with it.
    void stop();
    /// Destroys at once what was let go of and would only go in a later turn of the event loop: for the end,
    /// when what jobs work with goes too. Never from within a signal of a job.
    void discard();

    /// The id. NotFound for an unknown kind, JobUnderWay, or what the factory says of the parameters.
    Result<qint64> start(const QString &kind, const QJsonObject &parameters = {});
    /// NotFound, or JobEnded.
    Status pause(qint64 id);
    Status resume(qint64 id);
    Status cancel(qint64 id);
    /// No job makes a step, whatever its own state, until that is taken back.
    void setAllPaused(bool paused);

    /// Those under way first, then the newest.
    QList<Info> list() const;
    std::optional<Info> find(qint64 id) const;
    /// The one of the kind that is under way, paused or not.
    std::optional<Info> underWay(const QString &kind) const;
    /// The last one of the kind that was done, with a parameter of that name if one is given.
    std::optional<Info> lastDone(const QString &kind, const QString &parameter = {}) const;

Q_SIGNALS:
    /// It has begun, its state or progress is another (told some times a second at most), or it has ended.
    void changed(qint64 id);
    void ended(qint64 id);

private:
    struct Entry
    {
        Info info;
        QByteArray cursor;
        std::unique_ptr<Job> job; ///< While it is Running or Paused, unless stopped.
        bool cancelling = false;
        bool told = true;
        std::chrono::milliseconds saved{0};
    };

    Result<Entry *> findUnderWay(qint64 id);
    Status take(Entry &entry);
    void release(Entry &entry);
    void applyPause(Entry &entry);
    void handleProgress(qint64 id, const QByteArray &cursor);
    void handleFinished(qint64 id, const Result<QJsonObject> &summary);
    void end(Entry &entry, State state);
    void handleTime();
    void tell(Entry &entry);
    void save(Entry &entry);
    void forgetOld();

    state::Database &m_database;
    const IClock &m_clock;
    QMap<QString, Factory> m_factories;
    std::map<qint64, Entry> m_entries;
    std::vector<QPointer<Job>> m_released; ///< To be destroyed by the event loop.
    QTimer m_timer;
    bool m_allPaused = false;
    bool m_stopped = false;
};

/// "running", "paused", …: as the command line and the control API write it.
QString jobStateName(Jobs::State state);

} // namespace cring::jobs
