// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/node.h"
#include "core/accounts/sqlrunner.h"

namespace cring::accounts {

/// A server's database where it lives, by the sqlite3 program there. The text waits in a temporary folder on
/// that machine until all of it has come, the rows until the transaction has ended: a slow connection holds
/// no lock. The folder (0700) goes with the command, whatever becomes of us.
///
/// A connection that is lost before all of the text has come changes nothing; one that is lost afterwards
/// leaves it unknown whether the text was carried out. The node's own stop token ends a run at once, the one
/// that run() is given with the next row.
class NodeSql final : public ISqlRunner
{
public:
    /// The node has to outlive this object. limit: for each text, with all that it gives back.
    explicit NodeSql(INode &node, std::chrono::milliseconds limit = std::chrono::minutes(2))
        : m_node(node)
        , m_limit(limit)
    {
    }

    Cells cells() const override { return Cells::Hex; }

    /// Errors: ISqlRunner's, and the node's; NodeCommand when there is no sqlite3.
    Result<Ran> run(const QByteArray &text, const std::function<bool(SqlRow)> &row,
                    const std::stop_token &stop) override;

private:
    INode &m_node;
    const std::chrono::milliseconds m_limit;
};

} // namespace cring::accounts
