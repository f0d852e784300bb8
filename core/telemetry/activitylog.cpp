// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/telemetry/activitylog.h"

#include "core/base/log.h"

#include <QStringList>

#include <algorithm>
#include <array>

namespace cring::telemetry {

namespace {

constexpr std::array levelNames{"debug", "info", "warning", "error"};
constexpr std::array categoryNames{"upload", "download", "delete", "backend", "ssh",
                                   "config", "service",  "repair", "backup"};

/// Long enough to tell two names apart, too short to be of use elsewhere.
constexpr qsizetype shownNameLength = 8;

/// The last numbers of a run that was killed may have been seen by a reader and never been written down: no
/// later event has one of them.
constexpr quint64 restartGap = 1'000;

QString cut(const QString &text, qsizetype length)
{
    return text.size() <= length ? text : text.left(length - 1) + QChar(0x2026);
}

} // namespace

QString levelName(Level level)
{
    return QString::fromLatin1(levelNames.at(static_cast<size_t>(level)));
}

std::optional<Level> levelFromName(const QString &name)
{
    for (size_t i = 0; i < levelNames.size(); ++i) {
        if (name == QLatin1String(levelNames.at(i)))
            return static_cast<Level>(i);
    }
    return std::nullopt;
}

QString categoryName(Category category)
{
    return QString::fromLatin1(categoryNames.at(static_cast<size_t>(category)));
}

bool EventFilter::admits(const Event &event) const
{
    return event.seq > after && event.wallMs >= sinceMs && event.level >= level &&
           (backend.isEmpty() || event.backend == backend);
}

QString shortenedPath(const QString &escapedPath)
{
    QStringList names = escapedPath.split(u'/');
    for (QString &name : names)
        name = cut(name, shownNameLength + 1);
    return names.join(u'/');
}

ActivityLog::ActivityLog(const IClock &clock, qsizetype capacity, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_capacity(static_cast<size_t>(std::max<qsizetype>(capacity, 1)))
{
}

void ActivityLog::restore(const QList<Event> &events)
{
    if (events.isEmpty())
        return;
    const auto kept = std::min(events.size(), static_cast<qsizetype>(m_capacity));
    m_events.assign(events.end() - kept, events.end());
    m_lastSeq = events.last().seq + restartGap;
}

quint64 ActivityLog::record(Level level, Category category, const QString &text, const QString &backend,
                            const QString &account)
{
    if (m_events.size() == m_capacity)
        m_events.pop_front();
    // Redact before cutting: a token cut in half might no longer look like one.
    m_events.push_back({++m_lastSeq, m_clock.wall().count(), level, category, backend, account,
                        cut(log::redacted(text), maxTextLength)});
    const Event event = m_events.back(); // A receiver may record, and move what back() refers to.
    Q_EMIT recorded(event);
    return event.seq;
}

std::deque<Event>::const_iterator ActivityLog::firstAfter(quint64 seq) const
{
    return std::upper_bound(m_events.begin(), m_events.end(), seq,
                            [](quint64 wanted, const Event &event) { return wanted < event.seq; });
}

QList<Event> ActivityLog::oldest(const EventFilter &filter, qsizetype limit) const
{
    QList<Event> events;
    for (auto it = firstAfter(filter.after); it != m_events.end() && events.size() < limit; ++it) {
        if (filter.admits(*it))
            events.append(*it);
    }
    return events;
}

QList<Event> ActivityLog::newest(const EventFilter &filter, qsizetype limit) const
{
    QList<Event> events;
    const auto first = firstAfter(filter.after);
    for (auto it = m_events.end(); it != first && events.size() < limit;) {
        --it;
        if (filter.admits(*it))
            events.append(*it);
    }
    std::reverse(events.begin(), events.end());
    return events;
}

} // namespace cring::telemetry
