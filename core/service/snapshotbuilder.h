// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/backups.h"
#include "core/backup/snapshotkeeper.h"
#include "core/base/clock.h"
#include "core/config/config.h"
#include "core/control/snapshot.h"
#include "core/repair/survey.h"
#include "core/service/store.h"
#include "core/telemetry/counters.h"

namespace cring::service {

/// What a snapshot is taken from. References to the service's parts, which outlive whoever holds this.
struct SnapshotSources
{
    const config::Config &config;
    const health::BackendSet &backends;
    const health::Primary &primary;
    const telemetry::Counters &counters;
    const IClock &clock;
    const Store &store;
    std::shared_ptr<const repair::Survey::Counts> copies; ///< Null: not counted yet.
    /// How many accounts a server, by its id, does not know though it is owed something of theirs.
    std::function<qint64(const QString &server)> unknownAccounts = {};
    /// How much of what is owed to a server, by its id, rests: see SetAside.
    std::function<qint64(const QString &server)> setAside = {};
    const backup::Backups *backups = nullptr;
    const backup::SnapshotKeeper *snapshots = nullptr;
    control::StandbyStatus standby = {};
    control::AccountsStatus accounts = {};
};

/// What the parts do not know of the service as a whole.
struct ServiceFacts
{
    QString version;
    std::chrono::milliseconds started{0}; ///< Wall time.
    QString httpAddress;                  ///< As bound: with the port that 0 became.
    QString sshAddress;
    QString metricsAddress; ///< "" when there are none.
    bool draining = false;
    bool paused = false;                 ///< Background work rests,
    std::optional<qint64> pausedUntilMs; ///< until then (wall time), or until a person says otherwise.
    QStringList pausedBy;
    QStringList warnings;
};

/// One look at everything, with its verdict. Cheap: nothing is asked of any server.
control::Snapshot takeSnapshot(const SnapshotSources &sources, const ServiceFacts &facts);

/// The part of it that is about one server.
control::BackendStatus backendStatus(const health::Backend &backend, const health::Backend *primary);

} // namespace cring::service
