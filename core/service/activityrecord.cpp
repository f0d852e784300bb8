// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/activityrecord.h"

namespace cring::service {

using telemetry::ActivityLog;
using telemetry::Category;
using telemetry::Event;
using telemetry::Level;

ActivityRecord::ActivityRecord(ActivityLog &activity, Store &store)
    : m_activity(activity)
    , m_store(store)
{
    restore();
    connect(&m_activity, &ActivityLog::recorded, this, &ActivityRecord::handleRecorded);
    const state::Database *database = m_store.database.get();
    connect(database, &state::Database::problemChanged, this, &ActivityRecord::handleProblem);
    connect(database, &state::Database::changeRefused, this, [this](const QString &words) {
        m_activity.record(Level::Error, Category::Service,
                          QStringLiteral("a fault of this program: something could not be recorded, a "
                                         "scrub will find it again: %1")
                              .arg(words));
    });
}

void ActivityRecord::restore()
{
    QList<Event> events;
    const QList<state::Events::Line> lines = m_store.events.take();
    for (const state::Events::Line &line : lines) {
        events.append({line.seq, line.at, static_cast<Level>(line.level),
                       static_cast<Category>(line.category), line.backend, line.account, line.text});
    }
    m_activity.restore(events);
}

void ActivityRecord::handleRecorded(const Event &event)
{
    m_store.events.append({event.seq, event.wallMs, static_cast<int>(event.level),
                           static_cast<int>(event.category), event.backend, event.account, event.text});
}

void ActivityRecord::handleProblem()
{
    const QString problem = m_store.database->problem();
    if (problem.isEmpty())
        m_activity.record(Level::Info, Category::Service,
                          QStringLiteral("the database can be written again"));
    else
        m_activity.record(
            Level::Error, Category::Service,
            QStringLiteral("the database cannot be written: uploads and deletes are refused. %1")
                .arg(problem));
}

void ActivityRecord::tellOfStart()
{
    const state::Database::Opened &opened = m_store.opened;
    if (!opened.setAside.isEmpty()) {
        m_activity.record(Level::Error, Category::Service,
                          QStringLiteral("the database was damaged (%1) and set aside as %2; what it knew is "
                                         "rebuilt from the servers")
                              .arg(opened.problem, opened.setAside));
    } else if (opened.powerCut) {
        m_activity.record(Level::Warning, Category::Service,
                          QStringLiteral("the machine stopped without ending the service: all files on all "
                                         "servers are gone through"));
    } else if (!opened.closed) {
        m_activity.record(Level::Warning, Category::Service,
                          QStringLiteral("the service was killed the last time: what it was doing then is "
                                         "looked at"));
    }
}

} // namespace cring::service
