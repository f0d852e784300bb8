// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/localservers.h"

#include "core/accounts/charmfolder.h"
#include "core/accounts/localnode.h"
#include "core/accounts/remotedatabase.h"
#include "core/base/clock.h"
#include "core/base/words.h"

#include <QDateTime>
#include <QFileInfo>

namespace cring::accounts {

LocalServers::LocalServers(QObject *parent)
    : QObject(parent)
{
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, &LocalServers::endLook);
}

LocalServers::~LocalServers() = default;

/// Sizes and times of the files that a writer touches. Stats alone: opening them would take SQLite's locks
/// away (LocalSql).
LocalServers::Look LocalServers::lookAt(const config::NodePlace &place)
{
    const SystemClock clock;
    LocalNode node(place, clock, {});
    Look look;
    for (const QString &suffix : {QString(), QStringLiteral("-wal")}) {
        const QFileInfo file(place.path + u'/' + charmfolder::kDatabase + suffix);
        look.stamp += QByteArray::number(file.size()) + '@' +
                      QByteArray::number(file.lastModified().toMSecsSinceEpoch()) + ' ';
    }
    const Result<QByteArray> key = serverKeyIn(node);
    if (key)
        look.key = *key;
    return look;
}

void LocalServers::configure(const std::map<QString, config::NodePlace> &places)
{
    std::erase_if(m_servers, [&](const auto &entry) {
        const auto place = places.find(entry.first);
        const bool stays = place != places.end() && place->second == entry.second.place;
        if (!stays)
            m_awaited.remove(entry.first);
        return !stays;
    });
    for (const auto &[id, place] : places) {
        Server &server = m_servers[id];
        server.place = place;
        if (!server.worker)
            server.worker = std::make_unique<LoneWorker>(kGrace);
    }
    if (m_then && m_awaited.isEmpty())
        endLook();
}

void LocalServers::begin(const QString &id, Server &server)
{
    server.looking = true;
    server.overdue = false;
    server.worker->run([this, id, place = server.place]() -> LoneWorker::Message {
        const Look look = lookAt(place);
        return [this, id, look] {
            handleLooked(id, look);
        };
    });
}

void LocalServers::look(std::function<void()> then)
{
    m_then = std::move(then);
    m_awaited.clear();
    for (auto &[id, server] : m_servers) {
        // One that hangs is not waited for: it would hold up the others time and again.
        if (!server.overdue)
            m_awaited.insert(id);
        if (!server.looking)
            begin(id, server);
    }
    if (m_awaited.isEmpty())
        endLook();
    else
        m_patience.start(kPatience);
}

void LocalServers::endLook()
{
    m_patience.stop();
    m_awaited.clear();
    for (auto &[id, server] : m_servers) {
        server.overdue = server.looking;
        if (!server.looking && server.last)
            server.known = server.last->stamp;
    }
    if (const auto then = std::exchange(m_then, nullptr))
        then();
}

void LocalServers::poll()
{
    for (auto &[id, server] : m_servers) {
        if (!server.looking)
            begin(id, server);
    }
}

void LocalServers::handleLooked(const QString &id, const Look &look)
{
    const auto found = m_servers.find(id);
    if (found == m_servers.end())
        return;
    Server &server = found->second;
    const bool isBack = server.overdue;
    server.looking = server.overdue = false;
    server.last = look;
    if (m_awaited.remove(id)) {
        if (m_awaited.isEmpty())
            endLook();
    } else if (isBack || look.stamp != server.known) {
        Q_EMIT changed();
    }
}

LocalServers::Access LocalServers::at(const QString &id) const
{
    const auto found = m_servers.find(id);
    if (found == m_servers.end())
        return {Error{Code::BackendTimeout, QStringLiteral("it has not been looked at yet")}, {}};
    const Server &server = found->second;
    Access access{Error{Code::BackendTimeout,
                        QStringLiteral("%1 has not answered within %2: is it another machine's disk?")
                            .arg(server.place.path, words::duration(kPatience))},
                  server.last ? server.last->key : QByteArray()};
    if (server.last && !server.looking)
        access.key = server.last->key;
    return access;
}

} // namespace cring::accounts
