// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/jobs/jobs.h"
#include "core/state/accounts.h"
#include "core/state/accountwork.h"
#include "core/state/backupuploads.h"
#include "core/state/bucketledger.h"
#include "core/state/conflicts.h"
#include "core/state/events.h"
#include "core/state/fact.h"
#include "core/state/findings.h"
#include "core/state/floors.h"
#include "core/state/intents.h"
#include "core/state/spool.h"

namespace cring::service {

/// What the service knows for good: the database, and what is kept of it in memory. One for the whole run.
struct Store
{
    /// Blocks, before the event loop runs. Reads everything; `stateDirectory` "" keeps nothing. Errors: a
    /// database of a newer version, of another service, or one that cannot be written.
    static Result<std::unique_ptr<Store>> open(const QString &stateDirectory, const IClock &clock,
                                               IRandom &random);

    /// The last moment at which a service is known to have lived with this: ms since 1970, UTC; 0: not known.
    qint64 lastAlive() const;
    /// These servers are in the ring from now on: what those that were left out have missed is owed to them.
    void configure(const QList<config::Server> &servers);

    /// The configuration with what is known of its servers beyond it: which of them are drained.
    config::Config applied(config::Config config) const;

    Store(std::unique_ptr<state::Database> opened, const QString &stateDirectory, const IClock &clock);
    Q_DISABLE_COPY_MOVE(Store)

    const std::unique_ptr<state::Database> database;
    state::Database::Opened opened;
    state::Members members;
    state::Catalogue catalogue;
    state::BucketLedger bucketLedger;
    state::BackupUploads backupUploads;
    state::Intents intents;
    state::Spool spool;
    state::Accounts accounts;
    state::AccountWork accountWork;
    state::Floors floors;
    state::Conflicts conflicts;
    state::Findings findings;
    jobs::Jobs jobs;
    state::Events events;
    state::Fact notices; ///< What has been told, and what still is to be: see NoticeWatch.

private:
    static Result<std::unique_ptr<Store>> attempt(const QString &stateDirectory, const IClock &clock,
                                                  IRandom &random);
    Status load(const QString &stateDirectory);
    Status claim(const QString &stateDirectory);
};

} // namespace cring::service
