// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/merge.h"
#include "core/accounts/nodesql.h"
#include "core/accounts/sshaccess.h"

#include <memory>
#include <stop_token>

namespace cring {
class IClock;
} // namespace cring

namespace cring::accounts {

/// The accounts of a server whose data directory is on another machine. One SSH connection serves all calls,
/// and is made anew when it has broken. Blocks: one call at a time, each on a worker's thread.
class RemoteDatabase final
{
public:
    struct Look
    {
        QByteArray key; ///< The server's public key without its comment; "": it cannot be read.
        /// The database's change counter, size and time: the same as before, nobody has written to it or put
        /// another file in its place.
        QByteArray stamp;
    };

    /// The clock outlives it.
    RemoteDatabase(config::NodePlace place, SshAccess access, const IClock &clock);
    ~RemoteDatabase();
    Q_DISABLE_COPY_MOVE(RemoteDatabase)

    const config::NodePlace &place() const { return m_place; }
    /// Connects if need be. Errors: the node's, and ISqlRunner's.
    Result<Look> look();
    /// Both are for as long as this object lives.
    ISqlRunner &sql() { return m_sql; }
    FileProbe files(); ///< As filesBeside().

    /// From any thread: ends what is under way, and whatever would come later, at once.
    void callOff() { m_stop.request_stop(); }

private:
    const config::NodePlace m_place;
    std::stop_source m_stop;
    const std::unique_ptr<INode> m_node;
    NodeSql m_brief; ///< For looks.
    NodeSql m_sql;
};

/// The public key of a server in its data directory, without the comment. Errors: the node's.
Result<QByteArray> serverKeyIn(INode &node);

} // namespace cring::accounts
