// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/remoteservers.h"

#include "core/base/clock.h"
#include "core/base/words.h"

namespace cring::accounts {

RemoteServers::RemoteServers(const IClock &clock, SshAccess access, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_access(std::move(access))
{
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, &RemoteServers::endLook);
}

RemoteServers::~RemoteServers()
{
    callOff();
}

void RemoteServers::callOff()
{
    for (auto &[id, server] : m_servers)
        server.database->callOff();
}

void RemoteServers::configure(const std::map<QString, config::NodePlace> &places)
{
    for (auto it = m_servers.begin(); it != m_servers.end();) {
        const auto place = places.find(it->first);
        if (place != places.end() && place->second == it->second.database->place()) {
            ++it;
            continue;
        }
        it->second.database->callOff();
        m_awaited.remove(it->first);
        // A goodbye may wait for the other side.
        m_workers.run([gone = std::move(it->second.database)]() mutable { gone.reset(); });
        it = m_servers.erase(it);
    }
    for (const auto &[id, place] : places) {
        if (!m_servers.contains(id))
            m_servers[id].database = std::make_shared<RemoteDatabase>(place, m_access, m_clock);
    }
    if (m_then && m_awaited.isEmpty())
        endLook();
}

void RemoteServers::begin(const QString &id, Server &server)
{
    server.looking = true;
    server.overdue = false;
    m_workers.run([this, id, database = server.database] {
        const Result<RemoteDatabase::Look> look = database->look();
        m_workers.post(this,
                       [this, id, of = std::weak_ptr(database), look] { handleLooked(id, of.lock(), look); });
    });
}

void RemoteServers::look(std::function<void()> then)
{
    m_then = std::move(then);
    m_awaited.clear();
    for (auto &[id, server] : m_servers) {
        // One that was out of reach is not waited for: it would hold up the others time and again.
        if (!server.overdue && (!server.last || server.last->ok()))
            m_awaited.insert(id);
        if (!server.looking)
            begin(id, server);
    }
    if (m_awaited.isEmpty())
        endLook();
    else
        m_patience.start(kPatience);
}

void RemoteServers::endLook()
{
    m_patience.stop();
    m_awaited.clear();
    for (auto &[id, server] : m_servers) {
        server.overdue = server.looking;
        if (!server.looking && server.last && server.last->ok())
            server.known = (*server.last)->stamp;
    }
    if (const auto then = std::exchange(m_then, nullptr))
        then();
}

void RemoteServers::poll()
{
    for (auto &[id, server] : m_servers) {
        if (!server.looking && m_clock.steady() >= server.due)
            begin(id, server);
    }
}

void RemoteServers::handleLooked(const QString &id, const std::shared_ptr<RemoteDatabase> &database,
                                 const Result<RemoteDatabase::Look> &look)
{
    const auto found = m_servers.find(id);
    if (found == m_servers.end() || found->second.database != database)
        return; // it is another one's by now
    Server &server = found->second;
    const bool wasGood = server.last && server.last->ok() && !server.overdue;
    server.looking = server.overdue = false;
    server.due = m_clock.steady() + kPoll;
    server.last = look;
    if (look)
        server.lastKey = look->key;
    if (m_awaited.remove(id)) {
        if (m_awaited.isEmpty())
            endLook();
        return;
    }
    if (wasGood != look.ok() || (look && look->stamp != server.known))
        Q_EMIT changed();
}

RemoteServers::Access RemoteServers::at(const QString &id) const
{
    const auto found = m_servers.find(id);
    if (found == m_servers.end())
        return {nullptr, Error{Code::BackendTimeout, QStringLiteral("it has not been looked at yet")}, {}};
    const Server &server = found->second;
    Access access{
        server.database,
        Error{Code::BackendTimeout, QStringLiteral("%1 has not answered within %2")
                                        .arg(server.database->place().machine(), words::duration(kPatience))},
        server.lastKey};
    // While one is under way, a good one is of a time that is over.
    if (server.last && (!server.looking || !server.last->ok()))
        access.look = *server.last;
    return access;
}

} // namespace cring::accounts
