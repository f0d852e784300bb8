// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/floors.h"

namespace cring::state {

Status Floors::load()
{
    return m_database.session().each(
        QStringLiteral("SELECT key, value FROM floors"), {},
        [this](const Row &row) { m_floors.insert(row.blob(0), static_cast<quint64>(row.int64(1))); });
}

std::optional<quint64> Floors::find(const QByteArray &key) const
{
    const auto floor = m_floors.constFind(key);
    return floor == m_floors.constEnd() ? std::nullopt : std::optional(*floor);
}

void Floors::raise(const QByteArray &key, quint64 value, QObject *context, Database::Done done,
                   Database::Failed failed)
{
    quint64 &floor = m_floors[key];
    floor = std::max(floor, value);
    m_database.write(
        [key, value = static_cast<qint64>(floor)](Session &session) {
            return session.run(QStringLiteral("INSERT OR REPLACE INTO floors (key, value) VALUES (?,?)"),
                               {key, value});
        },
        Durability::Power, context, std::move(done), std::move(failed));
}

} // namespace cring::state
