// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/snapshotkeeper.h"
#include "core/base/result.h"
#include "core/control/snapshot.h"
#include "core/service/accountmethods.h"
#include "core/service/backendtest.h"
#include "core/service/backgroundpause.h"
#include "core/service/blobmethods.h"
#include "core/service/findingmethods.h"
#include "core/service/jobmethods.h"
#include "core/service/membermethods.h"
#include "core/service/queuemethods.h"
#include "core/service/transfermethods.h"
#include "core/telemetry/activitylog.h"

#include <QObject>

#include <functional>

namespace cring::control {
class Call;
class Server;
} // namespace cring::control

namespace cring::service {

class NoticeWatch;

/// What the control API can have done, as the composition does it. Called on the event loop; nothing blocks.
struct HandlerHooks
{
    std::function<control::Snapshot()> snapshot;
    /// A test of the server of this name or id, not started and owned by the caller; null when there is none.
    std::function<std::unique_ptr<BackendTest>(const QString &name)> makeTest;
    /// Reads the configuration again. Returns what changed, in sentences; fails and keeps the old one when it
    /// is bad.
    std::function<Result<QStringList>()> reload;
    /// No new requests; the service ends when those under way have. The answer has gone out before it does.
    std::function<void()> drain;
    /// Ends now and cuts what is under way.
    std::function<void()> stop;

    // What is not set is not offered.
    QueueHooks queue;
    BlobHooks blobs;
    MemberHooks members;
    JobHooks jobs;
    FindingHooks findings;
    ConflictHooks conflicts;
    AccountHooks accounts;
    const replica::Transfers *transfers = nullptr;
    BackgroundPause *pause = nullptr; ///< Outlives the control server; so do these.
    backup::Backups *backups = nullptr;
    state::BucketLedger *ledger = nullptr;
    backup::SnapshotKeeper *snapshots = nullptr;
    NoticeWatch *notices = nullptr;
};

/// The methods of the control API (docs/control-api.md) in terms of the service. Owns what runs for a client.
class Handlers : public QObject
{
    Q_OBJECT

public:
    static constexpr int minStatusIntervalMs = 250;
    static constexpr int maxStatusIntervalMs = 60'000;

    /// Adds its methods to the server. It, the log and whatever the hooks refer to must outlive the server.
    Handlers(control::Server &server, const telemetry::ActivityLog &log, HandlerHooks hooks,
             QObject *parent = nullptr);
    ~Handlers() override;

private:
    using CallPtr = std::shared_ptr<control::Call>;

    control::Snapshot snapshot() const;
    void subscribeStatus(const CallPtr &call);
    void listBackends(const CallPtr &call);
    void showBackend(const CallPtr &call);
    void testBackend(const CallPtr &call);
    void reload(const CallPtr &call);
    void addOperations(control::Server &server);

    const telemetry::ActivityLog &m_log;
    HandlerHooks m_hooks;
};

} // namespace cring::service
