// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/database.h"

#include <QHash>

#include <optional>

namespace cring::state {

/// The highest number that was handed out of every sequence. On the disk before anybody hears of it: after a
/// power cut no server need remember it (P6). One thread.
class Floors final
{
public:
    explicit Floors(Database &database)
        : m_database(database)
    {
    }

    /// Before the event loop runs.
    Status load();
    /// `key` is "<charm id>/<name>".
    std::optional<quint64> find(const QByteArray &key) const;
    const QHash<QByteArray, quint64> &all() const { return m_floors; }
    /// `done` when it cannot be forgotten any more, or `failed` when the disk does not take it: then nobody
    /// may hear of it. Never when `context` dies first.
    void raise(const QByteArray &key, quint64 value, QObject *context, Database::Done done,
               Database::Failed failed);

private:
    Database &m_database;
    QHash<QByteArray, quint64> m_floors;
};

} // namespace cring::state
