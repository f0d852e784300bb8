// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/mending.h"

#include <algorithm>

namespace cring::replica {

namespace {

using namespace std::chrono_literals;

constexpr auto kFirstRetry = 1000ms;
constexpr auto kLastRetry = 30'000ms;
/// Until a server that cannot be used is looked at again; when it comes up it is told of at once.
constexpr auto kServerRetry = 1000ms;
constexpr qsizetype kMaxAccounts = 1000;

} // namespace

Mending::Mending(QObject *parent)
    : QObject(parent)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Mending::work);
}

Mending::~Mending() = default;

void Mending::setEnvironment(Environment &environment)
{
    m_environment = &environment;
    m_watch = std::make_unique<QObject>();
    for (health::Backend *backend : environment.backends.all()) {
        connect(backend, &health::Backend::stateChanged, m_watch.get(),
                [this, backend] { handleBack(*backend); });
    }
    std::erase_if(m_jobs, [&](const auto &job) { return !environment.backends.find(job.first.first); });
    schedule();
}

/// What waited for a server need not wait out its pause when that one is back.
void Mending::handleBack(const health::Backend &backend)
{
    if (backend.state() != health::Backend::State::Up)
        return;
    const auto now = m_environment->clock.steady();
    for (auto &[key, job] : m_jobs) {
        if (key.first == backend.id() && job.task == CopyMending::Task::Mend)
            job.due = now;
    }
    schedule();
}

void Mending::offer(const Credentials &credentials)
{
    auto known = m_credentials.find(credentials.account);
    if (known == m_credentials.end() && m_credentials.size() >= kMaxAccounts)
        m_credentials.erase(m_credentials.begin());
    if (known == m_credentials.end() || known->expires < credentials.expires)
        m_credentials.insert(credentials.account, credentials);
}

const Credentials *Mending::credentialsFor(const ObjectKey &key)
{
    const qsizetype slash = key.indexOf('/');
    const auto known = m_credentials.constFind(slash < 0 ? key : key.first(slash));
    if (known == m_credentials.constEnd() || known->expires * 1000 <= m_environment->clock.wall().count())
        return nullptr;
    return &*known;
}

void Mending::mend(const ObjectKey &key, const QString &backend, const Credentials &credentials)
{
    offer(credentials);
    const JobKey jobKey{backend, key};
    if (const auto running = m_running.find(backend);
        running != m_running.end() && running->second.key == key) {
        m_jobs[jobKey].again = true;
        return;
    }
    if (!m_environment->backends.find(backend))
        return; // it was taken out of the ring meanwhile
    if (static_cast<qsizetype>(m_jobs.size()) >= kMaxJobs && !m_jobs.contains(jobKey))
        return; // the mark in the ledger stays
    Job &job = m_jobs[jobKey];
    job = Job{};
    job.due = m_environment->clock.steady();
    schedule();
}

void Mending::stop()
{
    m_stopped = true;
    m_timer.stop();
}

/// Jobs of a server that is not usable are not looked at one by one: they wait for the server.
void Mending::schedule()
{
    if (m_stopped)
        return;
    auto next = std::chrono::milliseconds::max();
    forEachServer([&](const QString &server, auto begin, auto end) {
        if (m_running.contains(server))
            return;
        const health::Backend *backend = m_environment->backends.find(server);
        if (!backend || !backend->usable()) {
            next = std::min(next, m_environment->clock.steady() + kServerRetry);
            return;
        }
        for (auto job = begin; job != end; ++job)
            next = std::min(next, job->second.due);
    });
    if (next == std::chrono::milliseconds::max())
        return;
    m_timer.start(std::max<std::chrono::milliseconds>(next - m_environment->clock.steady(), 10ms));
}

void Mending::work()
{
    const auto now = m_environment->clock.steady();
    forEachServer([&](const QString &server, auto begin, auto end) {
        const health::Backend *backend = m_environment->backends.find(server);
        if (m_running.contains(server) || !backend || !backend->usable())
            return;
        for (auto job = begin; job != end; ++job) {
            if (job->second.due > now)
                continue;
            if (runnable(job->first) && run(job->first, job->second))
                break;
            retryLater(job->second);
        }
    });
    schedule();
}

template <typename Visit>
void Mending::forEachServer(Visit visit)
{
    for (auto begin = m_jobs.begin(); begin != m_jobs.end();) {
        const QString server = begin->first.first;
        const auto end =
            std::find_if(begin, m_jobs.end(), [&](const auto &job) { return job.first.first != server; });
        visit(server, begin, end);
        begin = end;
    }
}

bool Mending::runnable(const JobKey &key) const
{
    return !m_environment->lanes.isBusy(key.first, key.second) &&
           !m_environment->readers.isRead(key.second, key.first);
}

bool Mending::run(const JobKey &key, Job &job)
{
    const Credentials *credentials = credentialsFor(key.second);
    if (!credentials)
        return false; // a later request of the account brings a token
    job.again = false;
    health::Backend *backend = m_environment->backends.find(key.first);
    auto *mending = new CopyMending(*m_environment, *backend, key.second, *credentials, job.task, this);
    m_running[key.first] = {key.second, mending, backend->name()};
    connect(
        mending, &CopyMending::finished, this,
        [this, key](CopyMending::Result result) { handleFinished(key, result); }, Qt::QueuedConnection);
    mending->start();
    return true;
}

void Mending::handleFinished(const JobKey &key, CopyMending::Result result)
{
    const auto running = m_running.find(key.first);
    const QString reason = running->second.mending->reason();
    const quint64 version = running->second.mending->version();
    const QString name = running->second.server;
    running->second.mending->deleteLater();
    m_running.erase(running);
    const auto it = m_jobs.find(key);
    if (it == m_jobs.end()) {
        schedule();
        return;
    }
    Job &job = it->second;
    const auto isMarked = [&] {
        return m_environment->ledger.knowledge(key.second).marks.contains(key.first);
    };
    if (result == CopyMending::Result::Adopted) {
        if (isMarked()) {
            job = Job{};
            job.due = m_environment->clock.steady();
        } else {
            m_jobs.erase(it);
        }
    } else if (result != CopyMending::Result::Mended) {
        qDebug("mending %s: %s", qUtf8Printable(name), qUtf8Printable(reason));
        retryLater(job);
    } else if (job.again) {
        job = Job{};
        job.due = m_environment->clock.steady();
    } else if (job.task == CopyMending::Task::Mend &&
               m_environment->ledger.copyState(key.second, key.first) == CopyState::InDoubt) {
        job = Job{};
        job.task = CopyMending::Task::Verify;
        // A server that had a change in hand when it stopped may run it after it wakes.
        job.due = m_environment->clock.steady() + m_environment->config.timing.secondLook;
    } else {
        m_environment->ledger.clearVersion(key.second, key.first, version);
        if (isMarked()) {
            retryLater(job); // something was acknowledged meanwhile
            schedule();
            return;
        }
        m_environment->activity.record(telemetry::Level::Info, telemetry::Category::Upload,
                                       QStringLiteral("mended a copy"), name);
        m_jobs.erase(it);
    }
    schedule();
}

void Mending::retryLater(Job &job)
{
    const auto pause =
        std::min<std::chrono::milliseconds>(kFirstRetry * (1LL << std::min(job.attempts, 5)), kLastRetry);
    ++job.attempts;
    job.due = m_environment->clock.steady() +
              std::chrono::milliseconds(static_cast<qint64>(static_cast<double>(pause.count()) *
                                                            m_environment->random.jitter(0.2)));
}

} // namespace cring::replica
