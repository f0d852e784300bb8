// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/fact.h"

namespace cring::state {

Status Fact::load()
{
    return m_database.session().each(QStringLiteral("SELECT value FROM meta WHERE name = ?"), {m_name},
                                     [this](const Row &row) { m_value = row.blob(0); });
}

void Fact::set(const QByteArray &value)
{
    if (value == m_value)
        return;
    m_value = value;
    m_database.write([name = m_name, value](Session &session) {
        return session.run(QStringLiteral("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)"),
                           {name, value});
    });
}

} // namespace cring::state
