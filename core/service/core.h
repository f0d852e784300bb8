// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountkeeper.h"
#include "core/backup/bucketarchive.h"
#include "core/backup/snapshotkeeper.h"
#include "core/gateway/router.h"
#include "core/health/monitor.h"
#include "core/repair/accountdelivery.h"
#include "core/repair/caretaker.h"
#include "core/repair/spoolkeeping.h"
#include "core/repair/survey.h"
#include "core/replica/folders.h"
#include "core/service/accountbringer.h"
#include "core/service/accountsaving.h"
#include "core/service/filenames.h"
#include "core/service/roundfollower.h"
#include "core/service/setaside.h"
#include "core/service/store.h"
#include "core/ssh/tokens.h"

namespace cring::service {

/// With what the service reaches the machines of data directories.
accounts::SshAccess nodeAccess(const QString &stateDirectory);

/// What is known and done across a change of the configuration. Keyed by servers' ids; what works with an
/// environment is given the newest one by every Core.
struct Shared
{
    /// `stateDirectory` "" remembers nothing beyond the process. All of these outlive it.
    Shared(const IClock &clock_, IRandom &random_, telemetry::ActivityLog &activity_, Store &store_,
           const QString &stateDirectory_)
        : clock(clock_)
        , random(random_)
        , activity(activity_)
        , store(store_)
        , stateDirectory(stateDirectory_)
        , transfers(clock_)
        , primary(clock_, stateDirectory_)
        , secrets(QProcessEnvironment::systemEnvironment())
        , tokens(ssh::KeyPlaces::of(QProcessEnvironment::systemEnvironment()), secrets, clock_, random_,
                 activity_)
        , names(tokens, secrets, clock_)
        , accountKeeper(stateDirectory_, clock_, activity_, nodeAccess(stateDirectory_))
        , bringer(accountKeeper, clock_)
        , recovery(store_.catalogue, store_.intents, tokens)
        , delivery(store_.catalogue, store_.conflicts, tokens, clock_, activity_)
        , spoolKeeping(store_.spool, store_.catalogue, store_.intents, store_.bucketLedger, *store_.database)
        , backups(store_.bucketLedger, store_.backupUploads, tokens, secrets, clock_, random_, activity_)
        , archive(backups, store_.bucketLedger, clock_)
        , throttle(clock_, counters)
        , survey(store_.catalogue)
        , sequences(store_.floors)
        , accountDelivery(store_.accountWork, store_.floors, tokens)
        , jobTools{tokens,           store_.members, store_.accounts, store_.findings,
                   store_.conflicts, delivery,       throttle,        emptied}
        , caretaker(jobTools, store_.jobs, clock_)
        , roundFollower(accountKeeper, tokens, store_.accounts, store_.accountWork)
        , setAside(accountKeeper,
                   {store_.catalogue, store_.accountWork, store_.accounts, delivery, spoolKeeping, survey})
        , snapshots({backups, store_.bucketLedger, clock_, random_, activity_, stateDirectory_,
                     [this](QObject *context, bool fresh, const backup::SnapshotKeeper::Taken &taken) {
                         gatherAccounts({accountKeeper, tokens, store.floors}, fresh, context, taken);
                     }})
    {
        accountKeeper.load();
        QObject::connect(&backups, &backup::Backups::lettingGo, &store_.jobs, &jobs::Jobs::interrupt);
        if (!store_.opened.closed)
            backups.setRestarted();
        tokens.setDisabled([this](const QByteArray &account) { return accountKeeper.isDisabled(account); });
        QObject::connect(&accountKeeper, &accounts::AccountKeeper::synchronised, &snapshots,
                         &backup::SnapshotKeeper::touch);
        QObject::connect(&tokens, &replica::ITokenSource::available, &snapshots,
                         &backup::SnapshotKeeper::touch);
        QObject::connect(&sequences, &gateway::Sequences::advanced, &snapshots,
                         &backup::SnapshotKeeper::touch);
        QObject::connect(&bringer, &AccountBringer::brought, &delivery, &repair::Delivery::hurry);
        QObject::connect(&bringer, &AccountBringer::brought, &accountDelivery,
                         &repair::AccountDelivery::retry);
    }

    const IClock &clock;
    IRandom &random;
    telemetry::ActivityLog &activity;
    Store &store;
    const QString stateDirectory;
    telemetry::Counters counters;
    replica::Transfers transfers;
    replica::RecentBodies recentBodies;
    replica::PathLocks locks;
    replica::Lanes lanes;
    replica::Readers readers;
    replica::Folders folders;
    health::Primary primary;
    config::SecretPlaces secrets;
    Workers workers; ///< For looks at host keys and data directories.
    ssh::Tokens tokens;
    FileNames names;
    accounts::AccountKeeper accountKeeper;
    AccountBringer bringer;
    replica::Recovery recovery;
    repair::Delivery delivery;
    repair::SpoolKeeping spoolKeeping;
    backup::Backups backups;
    backup::BucketArchive archive;
    repair::Throttle throttle;
    repair::Emptied emptied;
    repair::Survey survey;
    gateway::Sequences sequences;
    repair::AccountDelivery accountDelivery;
    repair::JobTools jobTools;
    repair::Caretaker caretaker;
    RoundFollower roundFollower;
    SetAside setAside;
    backup::SnapshotKeeper snapshots;
};

/// Everything that hangs on one configuration: servers, placement, routes. A new configuration is a new Core,
/// which takes over the shared work; the old one lives on until what it has under way has ended.
class Core final
{
public:
    /// `shared` outlives it. `before`: the one that this one follows, whose knowledge of the servers it takes
    /// over.
    Core(const config::Config &config, Shared &shared, const Core *before = nullptr);
    ~Core();
    Q_DISABLE_COPY_MOVE(Core)

    const config::Config &config() const { return m_config; }
    health::BackendSet &backends() { return m_backends; }
    health::Monitor &monitor() { return m_monitor; }
    gateway::Router &router() { return m_router; }
    replica::Environment &environment() { return m_environment; }
    /// For whoever may outlive the requests: see replica::Environment::use.
    std::shared_ptr<const void> use() const { return m_environment.use; }
    /// No request is under way in it, and nothing that copied use().
    bool idle() const { return m_router.idle() && m_environment.use.use_count() == 1; }

private:
    config::Config m_config;
    health::BackendSet m_backends;
    health::Monitor m_monitor;
    ring::Ring m_ring;
    replica::Environment m_environment;
    gateway::Authenticator m_authenticator;
    gateway::Router m_router;
    QObject m_watch; ///< Of the servers. Goes first.
};

} // namespace cring::service
