// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/gateway/router.h"
#include "core/health/monitor.h"
#include "core/replica/folders.h"
#include "core/replica/mending.h"
#include "core/replica/recentcopies.h"

namespace cring::service {

/// What is known and held across a change of the configuration. Keyed by servers' ids.
struct Shared
{
    Shared(const IClock &clock_, IRandom &random_, telemetry::ActivityLog &activity_)
        : clock(clock_)
        , random(random_)
        , activity(activity_)
    {
    }

    const IClock &clock;
    IRandom &random;
    telemetry::ActivityLog &activity;
    telemetry::Counters counters;
    replica::PathLocks locks;
    replica::Lanes lanes;
    replica::Readers readers;
    replica::RecentCopies ledger;
    replica::Folders folders;
};

/// Everything that hangs on one configuration: servers, placement, routes. A new configuration is a new Core;
/// the old one lives on until what it has under way has ended.
class Core final
{
public:
    /// `shared` outlives it. `stateDirectory` "" remembers nothing.
    Core(const config::Config &config, Shared &shared, const QString &stateDirectory);
    ~Core();
    Q_DISABLE_COPY_MOVE(Core)

    const config::Config &config() const { return m_config; }
    health::BackendSet &backends() { return m_backends; }
    health::Primary &primary() { return m_primary; }
    health::Monitor &monitor() { return m_monitor; }
    replica::Mending &mending() { return m_mending; }
    gateway::Router &router() { return m_router; }

private:
    config::Config m_config;
    health::BackendSet m_backends;
    health::Primary m_primary;
    health::Monitor m_monitor;
    ring::Ring m_ring;
    replica::Mending m_mending;
    replica::Environment m_environment;
    gateway::Authenticator m_authenticator;
    gateway::Router m_router;
};

} // namespace cring::service
