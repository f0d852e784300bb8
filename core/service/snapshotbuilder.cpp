// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/snapshotbuilder.h"

#include "core/health/backendset.h"
#include "core/health/primary.h"
#include "core/http/pool.h"
#include "core/service/backupstatus.h"
#include "core/service/recoverykitmethods.h"
#include "core/service/verdict.h"
#include "core/state/catalogue.h"

#include <QCoreApplication>

namespace cring::service {

using control::BackendStatus;
using control::JobStatus;
using control::RequestStatus;
using control::Snapshot;
using health::Backend;
using health::CircuitBreaker;

namespace {

QString breakerName(CircuitBreaker::State state)
{
    switch (state) {
    case CircuitBreaker::State::Closed:
        return QStringLiteral("closed");
    case CircuitBreaker::State::HalfOpen:
        return QStringLiteral("half-open");
    case CircuitBreaker::State::Open:
        break;
    }
    return QStringLiteral("open");
}

QString modeName(const config::Config &config)
{
    if (config.backups.isEmpty())
        return QStringLiteral("replication");
    return config.servers.size() > 1 ? QStringLiteral("replication+backup") : QStringLiteral("backup");
}

std::optional<qint64> count(std::optional<std::chrono::milliseconds> time)
{
    return time ? std::optional<qint64>(time->count()) : std::nullopt;
}

QList<RequestStatus> requestStatus(const telemetry::Counters &counters)
{
    using telemetry::Outcome;
    QList<RequestStatus> list;
    for (size_t i = 0; i < telemetry::kindCount; ++i) {
        const auto kind = static_cast<telemetry::Kind>(i);
        const telemetry::KindCounters &numbers = counters.of(kind);
        const auto of = [&numbers](Outcome outcome) {
            return static_cast<qint64>(numbers.of(outcome));
        };
        list.append({telemetry::kindName(kind), of(Outcome::Done), of(Outcome::Refused), of(Outcome::Failed),
                     of(Outcome::Abandoned), numbers.inFlight});
    }
    return list;
}

QString membershipName(state::Members::State state)
{
    switch (state) {
    case state::Members::State::Draining:
        return QStringLiteral("draining");
    case state::Members::State::Returned:
        return QStringLiteral("returned");
    case state::Members::State::Joined:
        return QStringLiteral("joined");
    case state::Members::State::Trusted:
    case state::Members::State::Left:
        break;
    }
    return QStringLiteral("member");
}

void addCopies(BackendStatus &status, const SnapshotSources &sources)
{
    const auto member = sources.store.members.find(status.id);
    status.membership =
        membershipName(member ? sources.store.members.at(*member).state : state::Members::State::Trusted);
    status.owed = static_cast<qint64>(sources.store.catalogue.debts(status.id).size()) +
                  sources.store.accountWork.count(status.id);
    if (sources.setAside) {
        status.setAside = sources.setAside(status.id);
        status.owed -= status.setAside;
    }
    if (sources.unknownAccounts)
        status.unknownAccounts = sources.unknownAccounts(status.id);
    if (!sources.copies)
        return;
    const repair::Survey::Server server = sources.copies->servers.value(status.id);
    status.files = server.present.files;
    status.missing = server.missing.files;
    status.extra = server.extra.files;
    status.needed = server.needed.files;
}

JobStatus jobStatus(const jobs::Jobs::Info &job)
{
    JobStatus status;
    status.id = job.id;
    status.kind = job.kind;
    status.state = jobs::jobStateName(job.state);
    status.phase = job.progress.phase;
    status.done = job.progress.done;
    if (job.progress.total >= 0)
        status.total = job.progress.total;
    return status;
}

} // namespace

BackendStatus backendStatus(const Backend &backend, const Backend *primary)
{
    BackendStatus status;
    status.name = backend.name();
    status.id = backend.id();
    status.url = backend.server().url.toString(QUrl::RemoveUserInfo);
    status.sshPort = backend.server().sshPort;
    status.weight = backend.server().weight;
    status.state = health::stateName(backend.state());
    status.breaker = breakerName(backend.breaker().state());
    status.reason = backend.reason();
    if (status.reason.isEmpty() && status.breaker != QStringLiteral("closed"))
        status.reason = backend.breaker().lastReason();
    status.warning = backend.health().warning;
    status.sinceMs = backend.since().count();
    status.latencyMs = count(backend.health().latency);
    status.clockSkewMs = count(backend.health().clockSkew);
    status.primary = &backend == primary;
    status.outstanding = backend.outstanding();
    const http::Traffic &traffic = backend.pool().traffic();
    status.requests = static_cast<qint64>(traffic.requests);
    status.errors = static_cast<qint64>(traffic.failures);
    status.bytesSent = static_cast<qint64>(traffic.bytesSent);
    status.bytesReceived = static_cast<qint64>(traffic.bytesReceived);
    return status;
}

Snapshot takeSnapshot(const SnapshotSources &sources, const ServiceFacts &facts)
{
    Snapshot snapshot;
    snapshot.mode = modeName(sources.config);
    snapshot.version = facts.version;
    snapshot.pid = QCoreApplication::applicationPid();
    snapshot.startedMs = facts.started.count();
    snapshot.takenMs = sources.clock.wall().count();
    snapshot.httpAddress = facts.httpAddress;
    snapshot.sshAddress = facts.sshAddress;
    snapshot.metricsAddress = facts.metricsAddress;
    snapshot.replicas = sources.config.effectiveReplicas();
    snapshot.quorum = sources.config.quorum();
    snapshot.draining = facts.draining;
    snapshot.paused = facts.paused;
    snapshot.pausedUntilMs = facts.pausedUntilMs;
    snapshot.pausedBy = facts.pausedBy;
    snapshot.warnings = facts.warnings;
    for (const Backend *backend : sources.backends.all()) {
        snapshot.backends.append(backendStatus(*backend, sources.primary.current()));
        addCopies(snapshot.backends.last(), sources);
        if (const QString &warning = backend->health().warning; !warning.isEmpty())
            snapshot.warnings.append(backend->name() + QStringLiteral(": ") + warning);
    }
    snapshot.requests = requestStatus(sources.counters);
    snapshot.bytesIn = static_cast<qint64>(sources.counters.bytesIn);
    snapshot.bytesOut = static_cast<qint64>(sources.counters.bytesOut);
    snapshot.failovers = static_cast<qint64>(sources.counters.failovers);
    snapshot.rollbacks = static_cast<qint64>(sources.counters.rollbacks);
    snapshot.inDoubt = static_cast<qint64>(sources.counters.inDoubt);
    snapshot.conflicts = static_cast<qint64>(sources.store.conflicts.all().size());
    snapshot.findings = static_cast<qint64>(sources.store.findings.count());
    snapshot.recordsProblem = sources.store.database->problem();
    snapshot.localCopy = sources.config.countsLocalCopy();
    snapshot.localCopies = static_cast<qint64>(sources.counters.localCopies);
    snapshot.spoolFiles = static_cast<qint64>(sources.store.spool.all().size());
    snapshot.spoolBytes = sources.store.spool.bytes();
    snapshot.spoolBudget = sources.store.spool.budget();
    const QList<jobs::Jobs::Info> jobs = sources.store.jobs.list();
    for (const jobs::Jobs::Info &job : jobs) {
        if (!job.ended())
            snapshot.jobs.append(jobStatus(job));
    }
    if (sources.copies) {
        snapshot.copies = sources.copies->copies;
        snapshot.countedMs = sources.copies->takenMs;
    }
    if (sources.backups)
        snapshot.backups = backupStatus(*sources.backups, sources.store.bucketLedger, sources.snapshots);
    for (const control::BackupStatus &backup : std::as_const(snapshot.backups)) {
        if (!backup.growthWarning.isEmpty())
            snapshot.warnings.append(QStringLiteral("backup %1: %2").arg(backup.name, backup.growthWarning));
    }
    if (sources.snapshots) {
        snapshot.recoveryKit = recoveryKitStatus(sources.snapshots->kit());
        if (const QString reminder = kitReminder(snapshot.recoveryKit);
            !reminder.isEmpty() && !snapshot.backups.isEmpty())
            snapshot.warnings.append(reminder);
    }
    snapshot.standby = sources.standby;
    snapshot.accounts = sources.accounts;
    if (!snapshot.standby.problem.isEmpty())
        snapshot.warnings.append(QStringLiteral("the standby account server cannot help: ") +
                                 snapshot.standby.problem);
    judge(snapshot);
    return snapshot;
}

} // namespace cring::service
