// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/ringmodels.h"

#include "ui/models/servicesentences.h"

namespace cring::models {

namespace {

constexpr std::chrono::seconds kHeartbeat{5};
/// Events come in heaps.
constexpr std::chrono::milliseconds kHealthPause{300};
constexpr std::chrono::minutes kHealthTime{1};

} // namespace

RingModels::RingModels(ServiceLink::Paths paths, const IClock &clock, IRandom &random, LinkTiming timing,
                       const QString &historyFile, QObject *parent)
    : QObject(parent)
    , link(std::move(paths), random, timing)
    , backupHistory(historyFile)
    , transfersFeed(link, transfers, clock)
    , filesFeed(link, files)
    , m_clock(clock)
    , m_jobsFeed(link, jobs)
    , m_eventsFeed(link, events)
{
    m_wake.setSingleShot(true);
    connect(&m_wake, &QTimer::timeout, this, &RingModels::look);
    connect(&m_heartbeat, &QTimer::timeout, this, &RingModels::look);
    connect(&link, &ServiceLink::snapshotChanged, this, &RingModels::handleSnapshot);
    connect(&link, &ServiceLink::stateChanged, this, &RingModels::look);
    m_health.setSingleShot(true);
    connect(&m_health, &QTimer::timeout, this, &RingModels::showHealth);
    connect(&events, &QAbstractItemModel::rowsInserted, this, [this] { m_health.start(kHealthPause); });
    m_heartbeat.start(kHeartbeat);
    look();
}

void RingModels::handleSnapshot()
{
    const bool isFirst = servers.rowCount() == 0;
    servers.setSnapshot(*link.snapshot());
    if (isFirst)
        m_health.start(kHealthPause);
    backups.setSnapshot(*link.snapshot());
    backupHistory.add(*link.snapshot());
    look();
}

void RingModels::showHealth()
{
    servers.setEvents(events.events());
    m_health.start(kHealthTime);
}

void RingModels::look()
{
    Sight sight{.link = link.state(), .problem = {}, .snapshot = link.snapshot()};
    if (link.problem())
        sight.problem = serviceSentence(link.problem()->detail);
    if (sight.snapshot) {
        for (const control::JobStatus &job : sight.snapshot->jobs) {
            if (const auto left = jobs.timeLeftOf(job.id))
                sight.timeLeft.insert(job.id, *left);
        }
    }
    const Condition before = std::exchange(m_condition, models::condition(sight));
    if (m_condition != before)
        Q_EMIT conditionChanged();
    if (sight.link == ServiceLink::State::Connecting) {
        m_tray.shown = m_condition; // Nothing is known yet: what comes first is shown at once.
        return;
    }
    const Moment now{m_clock.steady(), m_clock.wall()};
    const Tray shown = std::exchange(m_tray, next(m_tray, m_condition, now));
    if (const auto wake = wakeAt(m_tray, m_condition))
        m_wake.start(std::max(*wake - now.steady, std::chrono::milliseconds(0)));
    else
        m_wake.stop();
    if (shown.shown != m_tray.shown || shown.waking != m_tray.waking)
        Q_EMIT trayChanged();
}

} // namespace cring::models
