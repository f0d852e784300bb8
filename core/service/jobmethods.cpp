// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/jobmethods.h"

#include "core/control/server.h"
#include "core/service/page.h"
#include "core/service/parameters.h"

#include <limits>

namespace cring::service {

using control::CallPtr;

namespace {

constexpr QLatin1String kTopic("jobs");
constexpr QLatin1String kJob("job");

Error noSuchJob(qint64 id)
{
    return {Code::NotFound, QStringLiteral("there is no job %1; `cring jobs list` shows them").arg(id)};
}

/// The job that is named, or the only one under way. Fails the call when there is none.
std::optional<qint64> idFrom(const CallPtr &call, const JobHooks &hooks)
{
    Parameters params(call->params());
    const qint64 id = params.number(QStringLiteral("id"), 0, 1, std::numeric_limits<qint64>::max());
    if (params.problem()) {
        call->fail(*params.problem());
        return std::nullopt;
    }
    if (id > 0)
        return id;
    QList<qint64> underWay;
    for (const JobInfo &job : hooks.list()) {
        if (job.isUnderWay())
            underWay.append(job.id);
    }
    if (underWay.size() == 1)
        return underWay.first();
    if (underWay.isEmpty())
        call->fail(
            {Code::NotFound, QStringLiteral("no job is under way; `cring jobs list` shows the last ones")});
    else
        call->fail({Code::ControlBadParams,
                    QStringLiteral("%1 jobs are under way: name one; `cring jobs list` shows their numbers")
                        .arg(underWay.size())});
    return std::nullopt;
}

void replyWithJob(const CallPtr &call, const JobHooks &hooks, qint64 id)
{
    if (const auto job = hooks.find(id))
        call->reply({{kJob, jobJson(*job)}});
    else
        call->fail(noSuchJob(id));
}

void list(const CallPtr &call, const JobHooks &hooks)
{
    Page page;
    for (const JobInfo &job : hooks.list()) {
        if (page.isFull())
            break; // The rest is older, and of no use to anyone.
        page.add(jobJson(job));
    }
    call->reply(page.answer(kTopic, {}));
}

void start(const CallPtr &call, const JobHooks &hooks)
{
    Parameters params(call->params());
    const QString kind = params.needed(QStringLiteral("kind"), QStringLiteral("a kind of job"));
    const QJsonObject parameters = params.object(QStringLiteral("parameters"));
    if (params.problem()) {
        call->fail(*params.problem());
        return;
    }
    const Result<qint64> id = hooks.start(kind, parameters);
    if (id)
        replyWithJob(call, hooks, *id);
    else
        call->fail(id.error());
}

void steer(const CallPtr &call, const JobHooks &hooks, const std::function<Status(qint64 id)> &what)
{
    const auto id = idFrom(call, hooks);
    if (!id)
        return;
    if (!hooks.find(*id)) {
        call->fail(noSuchJob(*id));
        return;
    }
    if (const Status status = what(*id); !status)
        call->fail(status.error());
    else
        replyWithJob(call, hooks, *id);
}

/// With a job's number, or the only one under way: its steps. "all": of whatever job.
void subscribe(const CallPtr &call, const JobHooks &hooks)
{
    const bool all = call->params().value(QLatin1String("all")).toBool();
    std::optional<qint64> only;
    if (!all) {
        only = idFrom(call, hooks);
        if (!only)
            return;
        const auto job = hooks.find(*only);
        if (!job) {
            call->fail(noSuchJob(*only));
            return;
        }
        call->reply({{kJob, jobJson(*job)}});
    } else {
        call->reply({});
    }
    control::Subscription *subscription = call->subscribe(kTopic);
    if (!subscription)
        return;
    hooks.watch(subscription, [subscription, hooks, only](qint64 id) {
        if (only && id != *only)
            return;
        if (const auto job = hooks.find(id))
            subscription->notify(kJob, jobJson(*job));
    });
}

} // namespace

QJsonObject jobJson(const JobInfo &job)
{
    QJsonObject object{{QStringLiteral("id"), job.id},
                       {QStringLiteral("kind"), job.kind},
                       {QStringLiteral("parameters"), job.parameters},
                       {QStringLiteral("state"), job.state},
                       {QStringLiteral("phase"), job.progress.phase},
                       {QStringLiteral("done"), job.progress.done},
                       {QStringLiteral("bytes"), job.progress.bytes},
                       {QStringLiteral("createdMs"), job.createdMs},
                       {QStringLiteral("changedMs"), job.changedMs}};
    if (job.progress.total >= 0)
        object.insert(QStringLiteral("total"), job.progress.total);
    if (!job.isUnderWay())
        object.insert(QStringLiteral("summary"), job.summary);
    if (!job.problem.isEmpty())
        object.insert(QStringLiteral("problem"), job.problem);
    return object;
}

QList<control::JobStatus> jobsUnderWay(const JobHooks &hooks)
{
    QList<control::JobStatus> list;
    if (!hooks.list)
        return list;
    for (const JobInfo &job : hooks.list()) {
        if (!job.isUnderWay())
            continue;
        control::JobStatus status{job.id, job.kind, job.state, job.progress.phase, job.progress.done, {}};
        if (job.progress.total >= 0)
            status.total = job.progress.total;
        list.append(status);
    }
    return list;
}

void addJobMethods(control::Server &server, const JobHooks &hooks, QObject *owner)
{
    if (hooks.planRebalance) {
        server.addMethod(QStringLiteral("rebalance.plan"), [hooks, owner](const CallPtr &call) {
            hooks.planRebalance(owner, [call](const QJsonObject &plan) { call->reply(plan); });
        });
    }
    if (!hooks.list)
        return;
    const auto add = [&](const char *name, auto method) {
        server.addMethod(QString::fromLatin1(name),
                         [hooks, method](const CallPtr &call) { method(call, hooks); });
    };
    add("jobs.list", list);
    add("jobs.start", start);
    add("jobs.subscribe", subscribe);
    add("jobs.show", [](const CallPtr &call, const JobHooks &jobs) {
        if (const auto id = idFrom(call, jobs))
            replyWithJob(call, jobs, *id);
    });
    add("jobs.pause", [](const CallPtr &call, const JobHooks &jobs) { steer(call, jobs, jobs.pause); });
    add("jobs.resume", [](const CallPtr &call, const JobHooks &jobs) { steer(call, jobs, jobs.resume); });
    add("jobs.cancel", [](const CallPtr &call, const JobHooks &jobs) { steer(call, jobs, jobs.cancel); });
    server.addMethod(QStringLiteral("jobs.unsubscribe"), [](const CallPtr &call) {
        call->reply({{QStringLiteral("ended"), call->unsubscribe(kTopic)}});
    });
}

} // namespace cring::service
