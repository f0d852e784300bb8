// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/jobs.h"
#include "core/service/core.h"
#include "core/service/handlers.h"
#include "core/service/upkeep.h"
#include "core/state/findings.h"

namespace cring::service {

/// What the control API asks of the parts, in the parts' own terms. Everything given outlives the hooks.
struct Operations
{
    Shared &shared;
    std::function<Core &()> core; ///< The newest.

    QueueHooks queue() const;
    BlobHooks blobs() const;
    /// Without the source, which the composition knows.
    MemberHooks members() const;
    /// Without the plan of a rebalance, which the registry does not know.
    static JobHooks jobs(jobs::Jobs &jobs);
    FindingHooks findings(const state::Findings &findings) const;
    ConflictHooks conflicts(Upkeep &upkeep) const;
    /// Adds what the upkeep can do about servers and the places of copies.
    void addUpkeep(HandlerHooks &hooks, Upkeep &upkeep) const;
    /// Its id for a server that is not in the ring any more.
    QString nameOf(const QString &id) const;

private:
    /// A rebalance's plan knows servers by their ids.
    QJsonObject withNames(QJsonObject plan) const;
    std::function<QList<ServerName>()> servers() const;
};

} // namespace cring::service
