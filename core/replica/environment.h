// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/health/backendset.h"
#include "core/health/primary.h"
#include "core/http/exchange.h"
#include "core/replica/accountbringer.h"
#include "core/replica/archive.h"
#include "core/replica/lanes.h"
#include "core/replica/pathlocks.h"
#include "core/replica/readers.h"
#include "core/replica/recentbodies.h"
#include "core/replica/tokensource.h"
#include "core/replica/transfers.h"
#include "core/ring/ring.h"
#include "core/state/accounts.h"
#include "core/state/accountwork.h"
#include "core/state/catalogue.h"
#include "core/state/conflicts.h"
#include "core/state/intents.h"
#include "core/state/spool.h"
#include "core/telemetry/activitylog.h"
#include "core/telemetry/counters.h"

namespace cring::replica {

using state::accountOf;
using state::CopyState;
using state::Debt;
using state::forEachAncestor;
using state::isAtOrBelow;
using state::ObjectKey;
using state::objectKey;
using state::Record;

class Folders;

/// What everything in this folder works with; made by the service, which outlives them all.
struct Environment
{
    const config::Config &config;
    health::BackendSet &backends;
    health::Primary &primary;
    const ring::Ring &ring;
    PathLocks &locks;
    Lanes &lanes;
    Readers &readers;
    state::Catalogue &catalogue;
    state::Intents &intents;
    state::Spool &spool;
    state::AccountWork &accountWork;
    const state::Accounts &accounts;
    state::Conflicts &conflicts;
    state::Database &database;
    Folders &folders;
    IAccountBringer &bringer;
    IArchive &archive;
    const IClock &clock;
    IRandom &random;
    telemetry::ActivityLog &activity;
    telemetry::Counters &counters;
    Transfers &transfers;
    RecentBodies &recentBodies;
    /// An operator has taken the account away: no server knows it, and what is owed of it rests. Its files
    /// stay where they are until it is brought back.
    std::function<bool(const QByteArray &account)> isDisabled;
    /// Whoever may outlive the client's request that it works for keeps a copy: a configuration that was
    /// replaced lives on while somebody does.
    std::shared_ptr<const void> use;

    /// Every server, the owners of the key first, in the order in which they stand in for one another. Those
    /// that are drained come last: they own nothing, have much to give, and take only what nobody else can.
    QList<health::Backend *> placement(const ObjectKey &key) const;
    /// The first of these, as many as a file has copies.
    QList<health::Backend *> owners(const ObjectKey &key) const
    {
        return placement(key).first(config.effectiveReplicas());
    }
    /// How many servers must agree on a change that goes to all of them (a delete, a folder), so that every
    /// file's owners have it at a quorum: all but as many as a file's quorum can do without.
    int widespreadQuorum() const
    {
        return static_cast<int>(backends.size()) - config.effectiveReplicas() + config.quorum();
    }
    /// How long a reader waits while a change is on its way to the servers.
    std::chrono::milliseconds readerWait() const { return 4 * config.timing.answerTimeout; }
    /// How many servers must say "not there" before that is the ring's answer, without a record of the path:
    /// so many that no quorum can have it; all of them where an acknowledged file may be on fewer servers,
    /// and the catalogue does not have all of the account.
    int absenceQuorum(const QByteArray &account) const;
    /// What so many have not, nobody has. Not so of an account that has not been gone through: what was there
    /// before the ring, or was stored past it, may be on one server alone. Then everybody who can be asked
    /// is. One that does not answer is waited for no longer than kAbsenceGrace then.
    static constexpr std::chrono::milliseconds kAbsenceGrace{1'000};
    bool absenceIsSettled(const QByteArray &account) const { return accounts.isImported(account); }
    /// No server can be used, and what was acknowledged last can be read all the same: from the records,
    /// where they are complete, and the archive.
    bool isReadOnly(const QByteArray &account) const
    {
        return archive.covers(account) && backends.usable().isEmpty();
    }
};

} // namespace cring::replica
