// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"

#include <QList>
#include <QObject>
#include <QString>

#include <deque>
#include <optional>

namespace cring::telemetry {

/// The numbers of both are in the database.
enum class Level { Debug, Info, Warning, Error };

enum class Category { Upload, Download, Delete, Backend, Ssh, Config, Service, Repair, Backup };

/// "debug", "info", "warning", "error": the words of the control API and of `cring log --level`.
QString levelName(Level level);
std::optional<Level> levelFromName(const QString &name);
/// "upload", "download", …
QString categoryName(Category category);

/// One thing that happened, in words for a person.
struct Event
{
    quint64 seq = 0;   ///< Rises by one, and by more from one run of the service to the next.
    qint64 wallMs = 0; ///< Milliseconds since 1970-01-01T00:00:00Z.
    Level level = Level::Info;
    Category category = Category::Service;
    QString backend; ///< Name of the server it is about; empty when about none or several.
    QString account; ///< Charm id; empty when about none.
    QString text;
};

/// What an answer holds; a default one holds everything.
struct EventFilter
{
    quint64 after = 0;          ///< Only events with a higher sequence number.
    qint64 sinceMs = 0;         ///< Only events at or after this wall time.
    Level level = Level::Debug; ///< Only events at least this severe.
    QString backend;            ///< Only events of this server; empty: all.

    bool admits(const Event &event) const;
};

/// An escaped path as it may be shown: each (encrypted) name cut to its first eight characters.
QString shortenedPath(const QString &escapedPath);

/// The last events of the service, oldest first, bounded in number and in length: memory does not grow with
/// time (P9). Texts are redacted and cut on the way in, so that no secret can be read back (P10); paths
/// belong through shortenedPath() first. Lives on the service's event loop; not thread-safe.
class ActivityLog : public QObject
{
    Q_OBJECT

public:
    static constexpr qsizetype defaultCapacity = 2'000;
    static constexpr qsizetype maxTextLength = 400;

    /// The clock must outlive the log. Capacity is in events and at least 1.
    explicit ActivityLog(const IClock &clock, qsizetype capacity = defaultCapacity,
                         QObject *parent = nullptr);

    /// Events of earlier runs, oldest first; before anything is recorded. Tells nobody.
    void restore(const QList<Event> &events);

    /// Returns the sequence number given to the event.
    quint64 record(Level level, Category category, const QString &text, const QString &backend = {},
                   const QString &account = {});

    /// The oldest events that the filter admits, at most `limit`; to page, ask again after the last one's
    /// number.
    QList<Event> oldest(const EventFilter &filter, qsizetype limit) const;
    /// The newest events that the filter admits, at most `limit`, oldest first.
    QList<Event> newest(const EventFilter &filter, qsizetype limit) const;

    /// Of the oldest event still kept; 0 when nothing was recorded yet.
    quint64 firstSeq() const { return m_events.empty() ? 0 : m_events.front().seq; }

    /// Of the newest event; 0 when nothing was recorded yet.
    quint64 lastSeq() const { return m_lastSeq; }

Q_SIGNALS:
    void recorded(const cring::telemetry::Event &event);

private:
    std::deque<Event>::const_iterator firstAfter(quint64 seq) const;

    const IClock &m_clock;
    const size_t m_capacity;
    std::deque<Event> m_events;
    quint64 m_lastSeq = 0;
};

} // namespace cring::telemetry
