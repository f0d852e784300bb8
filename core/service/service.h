// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/backupjobs.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/config/config.h"
#include "core/control/server.h"
#include "core/gateway/front.h"
#include "core/service/activityrecord.h"
#include "core/service/core.h"
#include "core/service/handlers.h"
#include "core/service/hostkeywatch.h"
#include "core/service/noticewatch.h"
#include "core/service/notifier.h"
#include "core/service/operations.h"
#include "core/service/queuetally.h"
#include "core/service/ringmetrics.h"
#include "core/service/snapshotbuilder.h"
#include "core/service/upkeep.h"
#include "core/ssh/forwarder.h"
#include "core/telemetry/metrics.h"
#include "core/telemetry/metricsserver.h"
#include "core/telemetry/metricstoken.h"

namespace cring::service {

/// The service: builds everything from a configuration, starts it, replaces what a new configuration changes,
/// and drains it. One in a process, on its main thread.
class Service final : public QObject
{
    Q_OBJECT

public:
    struct Configuration
    {
        config::Config config;
        QStringList warnings; ///< Shown in `cring status`.
        /// Somebody has set service.metrics_address: then it must be had.
        bool metricsAddressIsSet = false;
        ServersSource source;
    };
    /// Reads the configuration again, for a reload: the result, or every problem in words.
    using Reader = std::function<Result<Configuration>()>;

    struct Setup
    {
        Configuration configuration;
        Reader reread;
        QString version;
        QString stateDirectory;
        std::unique_ptr<Store> store;
    };

    explicit Service(Setup setup, QObject *parent = nullptr);
    ~Service() override;

    /// Opens the fronts and the control socket; nothing is left open when it fails.
    Status start();
    /// What changed, in sentences; the old configuration stays when the new one is bad.
    Result<QStringList> reload();
    /// Accepts no more and ends with what is under way; ended() follows. Once more changes nothing.
    void drain();
    /// Ends now; ended() follows.
    void stop();
    /// A signal that asks for the end: drain(), and stop() when it comes again.
    void terminate();

    quint16 httpPort() const { return m_front.port(); }
    Upkeep &upkeep() { return m_upkeep; }
    quint16 sshPort() const { return m_forwarder->port(); }

Q_SIGNALS:
    void ended();

private:
    enum class Part { Http, Ssh };

    Status startMetrics();
    Status startControl();
    HandlerHooks hooks();
    control::Snapshot snapshot() const;
    RingFigures ringFigures() const;
    control::StandbyStatus standbyStatus() const;
    control::AccountsStatus accountsStatus() const;
    void setBackgroundPaused(bool paused);
    std::unique_ptr<BackendTest> makeTest(const QString &name);
    AccountTrial::Means accountMeans(health::Backend &backend);
    bool deleteRecorded(const replica::Credentials &credentials, const QByteArray &name);
    void handleJobsChanged();
    void replaceCore(const config::Config &config);
    void dropRetired();
    void handleDrained(Part part);
    void finishDraining();
    /// No write is under way in any configuration, and no copy is being mended.
    bool settled() const;

    Setup m_setup;
    SystemClock m_clock;
    SystemRandom m_random;
    telemetry::ActivityLog m_activity;
    ActivityRecord m_record;
    Shared m_shared;
    std::unique_ptr<Core> m_core;
    std::vector<std::unique_ptr<Core>> m_retired;
    QObject m_writes; ///< Parent of those of tests and restores: they go before the servers.
    QList<std::pair<replica::Credentials, QByteArray>> m_testFiles; ///< Written by tests, and gone again.
    HostKeyWatch m_hostKeys;
    Upkeep m_upkeep;
    backup::BackupSchedule m_schedule;
    gateway::Front m_front;
    std::unique_ptr<ssh::StandbyServer> m_standby; ///< Null with accounts = "forward".
    std::unique_ptr<ssh::Forwarder> m_forwarder;
    telemetry::Metrics m_metrics;
    std::unique_ptr<telemetry::MetricsServer> m_metricsServer; ///< Null when they are off.
    QueueTally m_queueTally;
    telemetry::MetricsToken m_metricsToken;
    NoticeWatch m_notices;
    BackgroundPause m_pause;
    Heartbeat m_heartbeat;
    std::unique_ptr<control::Server> m_control;
    std::unique_ptr<Handlers> m_handlers;
    ServiceFacts m_facts;
    QString m_metricsWarning; ///< Why they are off, when nobody has asked for that.
    QTimer m_retiredTimer;
    std::chrono::milliseconds m_drainEnd{0};
    QSet<Part> m_draining; ///< Those that have not ended yet.
    bool m_terminated = false;
    bool m_stopped = false;
};

} // namespace cring::service
