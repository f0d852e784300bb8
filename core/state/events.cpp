// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/events.h"

namespace cring::state {

Status Events::load()
{
    const Status status = m_database.session().each(
        QStringLiteral("SELECT seq, at, level, category, backend, account, text "
                       "FROM events ORDER BY seq DESC LIMIT ?"),
        {static_cast<qint64>(m_capacity)}, [this](const Row &row) {
            m_found.append({static_cast<quint64>(row.int64(0)), row.int64(1), static_cast<int>(row.int64(2)),
                            static_cast<int>(row.int64(3)), row.text(4), row.text(5), row.text(6)});
        });
    std::reverse(m_found.begin(), m_found.end());
    return status;
}

void Events::append(const Line &line)
{
    m_database.write([line, capacity = m_capacity](Session &session) {
        if (Status status = session.run(
                QStringLiteral("INSERT OR REPLACE INTO events (seq, at, level, category, "
                               "backend, account, text) VALUES (?,?,?,?,?,?,?)"),
                {line.seq, line.at, line.level, line.category, line.backend, line.account, line.text});
            !status)
            return status;
        if (line.seq % kTidyEvery != 0)
            return Status();
        // By rank: the numbers have gaps between runs.
        return session.run(QStringLiteral("DELETE FROM events WHERE seq <= "
                                          "(SELECT seq FROM events ORDER BY seq DESC LIMIT 1 OFFSET ?)"),
                           {static_cast<qint64>(capacity)});
    });
}

} // namespace cring::state
