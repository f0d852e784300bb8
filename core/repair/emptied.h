// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QString>

#include <set>

namespace cring::repair {

/// Servers that were seen without anything of an account that they are to have something of: a new disk, or a
/// mistake, has emptied them. What such a server lacks says nothing, also while it gets it back, file by
/// file, from readers and clients, until a scrub finds all of it there. In memory alone. One thread.
class Emptied
{
public:
    void note(const QString &server, const QByteArray &account) { m_seen.insert({server, account}); }
    void forget(const QString &server, const QByteArray &account) { m_seen.erase({server, account}); }
    bool contains(const QString &server, const QByteArray &account) const
    {
        return m_seen.contains({server, account});
    }

private:
    std::set<std::pair<QString, QByteArray>> m_seen;
};

} // namespace cring::repair
