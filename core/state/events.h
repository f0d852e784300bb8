// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/database.h"

namespace cring::state {

/// The activity log's lines, kept so that they can be read after a restart. What the numbers of level and
/// category mean is the log's. One thread.
class Events
{
public:
    /// Lines that there may be beyond the capacity, for finding the oldest takes a while.
    static constexpr quint64 kTidyEvery = 64;

    struct Line
    {
        quint64 seq = 0; ///< Rises; not by one between two runs of the service.
        qint64 at = 0;   ///< ms since 1970, UTC.
        int level = 0;
        int category = 0;
        QString backend;
        QString account;
        QString text;
    };

    /// `capacity`: lines that are kept.
    Events(Database &database, qsizetype capacity)
        : m_database(database)
        , m_capacity(capacity)
    {
    }

    /// Before the event loop runs.
    Status load();
    /// What load() found, oldest first. Once.
    QList<Line> take() { return std::exchange(m_found, {}); }
    /// The newest line; the oldest ones make room for it.
    void append(const Line &line);

private:
    Database &m_database;
    const qsizetype m_capacity;
    QList<Line> m_found;
};

} // namespace cring::state
