// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/database.h"

namespace cring::state {

/// One value by its name, for what is too small for a table of its own. One thread.
class Fact final
{
public:
    /// `name`: a constant, listed in docs/state.md.
    Fact(Database &database, const char *name)
        : m_database(database)
        , m_name(QString::fromLatin1(name))
    {
    }

    /// Before the event loop runs.
    Status load();
    const QByteArray &value() const { return m_value; }
    void set(const QByteArray &value);

private:
    Database &m_database;
    const QString m_name;
    QByteArray m_value;
};

} // namespace cring::state
