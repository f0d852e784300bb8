// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/service/queuemethods.h"

#include <QObject>

namespace cring::ring {
class Ring;
} // namespace cring::ring

namespace cring::state {
class Catalogue;
} // namespace cring::state

namespace cring::service {

/// Where the service has its servers from: what a command has to change.
struct ServersSource
{
    QString file;   ///< Of the configuration; "" when there is none.
    QString origin; ///< "file", or what replaces the file's list: "flag" (--host), "environment"; "default".
};

/// What can be done with the servers of the ring while it runs. Called on the event loop; nothing blocks. A
/// hook that is not set: its method is not offered.
struct MemberHooks
{
    std::function<QList<ServerName>()> servers;
    std::function<ServersSource()> source;
    /// For what a removal would cost. Outlives the control server.
    const state::Catalogue *catalogue = nullptr;
    /// Which servers keep which partitions.
    std::function<const ring::Ring &()> ring;
    /// Moves the primary there; the id is one of servers().
    std::function<Status(const QString &id)> promote;
    /// The server of this name or id owns nothing any more and what it has goes to others; or it is an owner
    /// again. A sentence that says what follows.
    std::function<Result<QString>(const QString &name)> drain;
    std::function<Result<QString>(const QString &name)> resume;
};

/// backends.source, .placement, .removal, .promote, .drain and .resume. `owner` outlives the server, and owns
/// what runs for a client.
void addMemberMethods(control::Server &server, const MemberHooks &hooks, QObject *owner);

} // namespace cring::service
