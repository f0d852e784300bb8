// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/jobs.h"

#include <QJsonDocument>
#include <QSet>

#include <algorithm>
#include <ranges>

namespace cring::jobs {

namespace {

using namespace std::chrono_literals;

/// Between two words about a job's progress.
constexpr auto kTellInterval = 250ms;
/// Between two of its cursors in the database: what a kill of the service costs at most.
constexpr auto kSaveInterval = 1000ms;
/// Ended ones that are remembered. The last of every kind is, and of every choice of its parameters, however
/// many there are of others.
constexpr qsizetype kHistory = 200;
const QString kProblem = QStringLiteral("problem");

QByteArray toText(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

QJsonObject fromText(const QString &text)
{
    return QJsonDocument::fromJson(text.toUtf8()).object();
}

} // namespace

QString jobStateName(Jobs::State state)
{
    switch (state) {
    case Jobs::State::Running:
        return QStringLiteral("running");
    case Jobs::State::Paused:
        return QStringLiteral("paused");
    case Jobs::State::Done:
        return QStringLiteral("done");
    case Jobs::State::Failed:
        return QStringLiteral("failed");
    case Jobs::State::Cancelled:
        return QStringLiteral("cancelled");
    }
    return {};
}

Jobs::Jobs(state::Database &database, const IClock &clock, QObject *parent)
    : QObject(parent)
    , m_database(database)
    , m_clock(clock)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(kTellInterval);
    connect(&m_timer, &QTimer::timeout, this, &Jobs::handleTime);
}

Jobs::~Jobs() = default;

void Jobs::add(const QString &kind, Factory factory)
{
    m_factories.insert(kind, std::move(factory));
}

Status Jobs::load()
{
    return m_database.session().each(
        QStringLiteral("SELECT id, kind, parameters, state, done, total, cursor, result, created, changed"
                       " FROM jobs"),
        {}, [this](const state::Row &row) {
            Entry &entry = m_entries[row.int64(0)];
            Info &info = entry.info;
            info.id = row.int64(0);
            info.kind = row.text(1);
            info.parameters = fromText(row.text(2));
            info.state = static_cast<State>(row.int64(3));
            info.progress.done = row.int64(4);
            info.progress.total = row.int64(5);
            entry.cursor = row.blob(6);
            info.summary = fromText(row.text(7));
            info.problem = info.summary.value(kProblem).toString();
            info.created = row.int64(8);
            info.changed = row.int64(9);
        });
}

// ---- beginning and ending ----

Result<qint64> Jobs::start(const QString &kind, const QJsonObject &parameters)
{
    if (m_stopped)
        return Error{Code::JobUnderWay, QStringLiteral("the service is about to stop")};
    if (!m_factories.contains(kind))
        return Error{
            Code::NotFound,
            QStringLiteral("there is no job \"%1\", only %2").arg(kind, kinds().join(QStringLiteral(", ")))};
    if (const auto running = underWay(kind))
        return Error{
            Code::JobUnderWay,
            QStringLiteral("job %1 (%2) is under way: wait for it, or cancel it").arg(running->id).arg(kind)};
    const qint64 id = m_entries.empty() ? 1 : m_entries.rbegin()->first + 1;
    Entry &entry = m_entries[id];
    entry.info.id = id;
    entry.info.kind = kind;
    entry.info.parameters = parameters;
    entry.info.created = m_clock.wall().count();
    if (const Status taken = take(entry); !taken) {
        m_entries.erase(id);
        return taken.error();
    }
    save(entry);
    Q_EMIT changed(id);
    return id;
}

/// A job object for what the entry says, from its cursor on.
Status Jobs::take(Entry &entry)
{
    const auto factory = m_factories.constFind(entry.info.kind);
    if (factory == m_factories.constEnd())
        return Error{Code::NotFound, QStringLiteral("this version has no job \"%1\"").arg(entry.info.kind)};
    auto made = (*factory)(entry.info.parameters);
    if (!made)
        return made.error();
    entry.job = std::move(made).value();
    const qint64 id = entry.info.id;
    connect(entry.job.get(), &Job::progressed, this,
            [this, id](const QByteArray &cursor) { handleProgress(id, cursor); });
    connect(entry.job.get(), &Job::finished, this,
            [this, id](const Result<QJsonObject> &summary) { handleFinished(id, summary); });
    applyPause(entry);
    entry.job->start(entry.cursor);
    if (entry.cancelling)
        entry.job->cancel();
    return {};
}

/// Later: this may be inside one of its signals.
void Jobs::release(Entry &entry)
{
    if (!entry.job)
        return;
    entry.job->disconnect(this);
    std::erase_if(m_released, [](const QPointer<Job> &job) { return !job; });
    m_released.push_back(entry.job.get());
    entry.job.release()->deleteLater();
}

void Jobs::discard()
{
    for (const QPointer<Job> &job : std::exchange(m_released, {}))
        delete job.data();
}

void Jobs::interrupt()
{
    for (auto &[id, entry] : m_entries) {
        if (entry.job)
            entry.info.progress = entry.job->progress();
        release(entry);
    }
    discard();
}

void Jobs::renew()
{
    if (m_stopped)
        return;
    // Whoever hears that one has ended may start another.
    QList<qint64> ids;
    for (const auto &[id, entry] : m_entries) {
        if (!entry.info.ended())
            ids << id;
    }
    for (const qint64 id : std::as_const(ids)) {
        Entry &entry = m_entries.at(id);
        release(entry);
        if (const Status taken = take(entry); !taken) {
            entry.info.problem = taken.error().detail;
            end(entry, State::Failed);
        }
    }
}

void Jobs::stop()
{
    m_stopped = true;
    m_timer.stop();
    for (auto &[id, entry] : m_entries) {
        if (!entry.job)
            continue;
        entry.info.progress = entry.job->progress();
        release(entry);
        save(entry);
    }
}

void Jobs::handleFinished(qint64 id, const Result<QJsonObject> &summary)
{
    const auto found = m_entries.find(id);
    if (found == m_entries.end() || !found->second.job)
        return;
    Entry &entry = found->second;
    entry.info.progress = entry.job->progress();
    release(entry);
    if (summary)
        entry.info.summary = *summary;
    else
        entry.info.problem = summary.error().detail;
    end(entry, !summary ? State::Failed : entry.cancelling ? State::Cancelled : State::Done);
}

void Jobs::end(Entry &entry, State state)
{
    entry.info.state = state;
    entry.cursor.clear();
    save(entry);
    const qint64 id = entry.info.id;
    forgetOld();
    Q_EMIT changed(id);
    Q_EMIT ended(id);
}

// ---- steering ----

Result<Jobs::Entry *> Jobs::findUnderWay(qint64 id)
{
    const auto found = m_entries.find(id);
    if (found == m_entries.end())
        return Error{Code::NotFound, QStringLiteral("there is no job %1").arg(id)};
    if (found->second.info.ended())
        return Error{
            Code::JobEnded,
            QStringLiteral("job %1 is over (%2)").arg(id).arg(jobStateName(found->second.info.state))};
    return &found->second;
}

Status Jobs::pause(qint64 id)
{
    const auto found = findUnderWay(id);
    if (!found)
        return found.error();
    Entry &entry = **found;
    entry.info.state = State::Paused;
    applyPause(entry);
    save(entry);
    Q_EMIT changed(id);
    return {};
}

Status Jobs::resume(qint64 id)
{
    const auto found = findUnderWay(id);
    if (!found)
        return found.error();
    Entry &entry = **found;
    entry.info.state = State::Running;
    applyPause(entry);
    save(entry);
    Q_EMIT changed(id);
    return {};
}

Status Jobs::cancel(qint64 id)
{
    const auto found = findUnderWay(id);
    if (!found)
        return found.error();
    Entry &entry = **found;
    if (!entry.job) {
        end(entry, State::Cancelled);
    } else if (!std::exchange(entry.cancelling, true)) {
        entry.job->cancel();
    }
    return {};
}

void Jobs::setAllPaused(bool paused)
{
    m_allPaused = paused;
    for (auto &[id, entry] : m_entries)
        applyPause(entry);
}

void Jobs::applyPause(Entry &entry)
{
    if (entry.job)
        entry.job->setPaused(m_allPaused || entry.info.state == State::Paused);
}

// ---- telling ----

void Jobs::handleProgress(qint64 id, const QByteArray &cursor)
{
    const auto found = m_entries.find(id);
    if (found == m_entries.end())
        return;
    found->second.cursor = cursor;
    found->second.told = false;
    if (!m_timer.isActive())
        m_timer.start();
}

void Jobs::handleTime()
{
    for (auto &[id, entry] : m_entries) {
        if (!entry.told)
            tell(entry);
    }
}

void Jobs::tell(Entry &entry)
{
    entry.told = true;
    if (entry.job)
        entry.info.progress = entry.job->progress();
    if (m_clock.steady() - entry.saved >= kSaveInterval)
        save(entry);
    Q_EMIT changed(entry.info.id);
}

QList<Jobs::Info> Jobs::list() const
{
    QList<Info> list;
    for (const auto &[id, entry] : m_entries | std::views::reverse)
        list << entry.info;
    std::stable_partition(list.begin(), list.end(), [](const Info &info) { return !info.ended(); });
    return list;
}

std::optional<Jobs::Info> Jobs::find(qint64 id) const
{
    const auto found = m_entries.find(id);
    return found == m_entries.end() ? std::nullopt : std::optional(found->second.info);
}

std::optional<Jobs::Info> Jobs::underWay(const QString &kind) const
{
    for (const auto &[id, entry] : m_entries) {
        if (!entry.info.ended() && entry.info.kind == kind)
            return entry.info;
    }
    return {};
}

std::optional<Jobs::Info> Jobs::lastDone(const QString &kind, const QString &parameter) const
{
    for (const auto &[id, entry] : m_entries | std::views::reverse) {
        const bool fits = parameter.isEmpty() || entry.info.parameters.contains(parameter);
        if (entry.info.state == State::Done && entry.info.kind == kind && fits)
            return entry.info;
    }
    return {};
}

// ---- the database ----

void Jobs::save(Entry &entry)
{
    entry.saved = m_clock.steady();
    entry.info.changed = m_clock.wall().count();
    const Info &info = entry.info;
    QJsonObject result = info.summary;
    if (!info.problem.isEmpty())
        result.insert(kProblem, info.problem);
    const QVariantList values{info.id,
                              info.kind,
                              QString::fromUtf8(toText(info.parameters)),
                              static_cast<int>(info.state),
                              info.progress.done,
                              info.progress.total,
                              entry.cursor,
                              QString::fromUtf8(toText(result)),
                              info.created,
                              info.changed};
    m_database.write([values](state::Session &session) {
        return session.run(QStringLiteral("INSERT OR REPLACE INTO jobs (id, kind, parameters, state, done,"
                                          " total, cursor, result, created, changed)"
                                          " VALUES (?,?,?,?,?,?,?,?,?,?)"),
                           values);
    });
}

void Jobs::forgetOld()
{
    QSet<QString> kindsSeen;
    QList<qint64> old;
    qsizetype kept = 0;
    for (const auto &[id, entry] : m_entries | std::views::reverse) {
        if (!entry.info.ended())
            continue;
        const QString kind = entry.info.kind + entry.info.parameters.keys().join(u' ');
        const bool isLast = entry.info.state == State::Done && !kindsSeen.contains(kind);
        if (isLast)
            kindsSeen.insert(kind);
        if (++kept > kHistory && !isLast)
            old << id;
    }
    for (const qint64 id : std::as_const(old)) {
        m_entries.erase(id);
        m_database.write([id](state::Session &session) {
            return session.run(QStringLiteral("DELETE FROM jobs WHERE id = ?"), {id});
        });
    }
}

} // namespace cring::jobs
