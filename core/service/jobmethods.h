// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/control/snapshot.h"
#include "core/jobs/job.h"

#include <functional>
#include <optional>

namespace cring::control {
class Server;
} // namespace cring::control

namespace cring::service {

/// A job as the control API shows it. Times are ms since 1970, UTC.
struct JobInfo
{
    qint64 id = 0;
    QString kind;
    QJsonObject parameters;
    QString state; ///< "running" | "paused" | "done" | "failed" | "cancelled"
    jobs::JobProgress progress;
    QJsonObject summary; ///< Of one that has ended: counts by name.
    QString problem;     ///< Why it failed.
    qint64 createdMs = 0;
    qint64 changedMs = 0;

    bool isUnderWay() const
    {
        return state == QStringLiteral("running") || state == QStringLiteral("paused");
    }
};

/// The registry of jobs. Called on the event loop; nothing blocks.
struct JobHooks
{
    /// Those under way first, then the newest. Not set: only rebalance.plan is offered, with its own hook.
    std::function<QList<JobInfo>()> list;
    std::function<std::optional<JobInfo>(qint64 id)> find;
    /// The id of the new one.
    std::function<Result<qint64>(const QString &kind, const QJsonObject &parameters)> start;
    std::function<Status(qint64 id)> pause;
    std::function<Status(qint64 id)> resume;
    std::function<Status(qint64 id)> cancel;
    /// Has `changed` called on every change of a job, some times a second at most, while the context lives.
    std::function<void(QObject *context, std::function<void(qint64 id)> changed)> watch;
    /// What a rebalance would do; may take a while. Not set: rebalance.plan is not offered.
    std::function<void(QObject *context, std::function<void(const QJsonObject &plan)> done)> planRebalance;
};

/// jobs.list, .show, .start, .pause, .resume, .cancel, .subscribe, .unsubscribe, and rebalance.plan. `owner`
/// outlives the server.
void addJobMethods(control::Server &server, const JobHooks &hooks, QObject *owner);

QJsonObject jobJson(const JobInfo &job);
/// For the snapshot.
QList<control::JobStatus> jobsUnderWay(const JobHooks &hooks);

} // namespace cring::service
