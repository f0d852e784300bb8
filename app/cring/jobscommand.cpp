// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/jobscommand.h"

#include "app/cring/jobwatchcommand.h"
#include "app/cring/pagedcommand.h"
#include "core/base/words.h"

#include <QDateTime>
#include <QJsonArray>

namespace cring::app {

namespace {

constexpr QLatin1String kState("state");

QString progressOf(const QJsonObject &job)
{
    const qint64 done = job.value(QLatin1String("done")).toInteger();
    const QJsonValue total = job.value(QLatin1String("total"));
    return total.isDouble() ? QStringLiteral("%1 of %2").arg(done).arg(total.toInteger())
                            : QString::number(done);
}

/// What it does, or what came of it.
QString result(const QJsonObject &job)
{
    if (const QString problem = job.value(QLatin1String("problem")).toString(); !problem.isEmpty())
        return problem;
    const QJsonObject summary = job.value(QLatin1String("summary")).toObject();
    return summary.isEmpty() ? job.value(QLatin1String("phase")).toString() : summaryWords(summary);
}

Tone toneOf(const QString &state)
{
    if (state == QStringLiteral("failed"))
        return Tone::Bad;
    return state == QStringLiteral("paused") || state == QStringLiteral("cancelled") ? Tone::Warning
                                                                                     : Tone::Plain;
}

QString jobTable(const Terminal &terminal, const QJsonArray &jobs, bool allPaused)
{
    PaintedTable table;
    table.addRow({heading("JOB", true), heading("KIND"), heading("STATE"), heading("DONE", true),
                  heading("BEGAN", true), heading("")});
    for (const QJsonValue value : jobs) {
        const QJsonObject job = value.toObject();
        QString state = job.value(kState).toString();
        if (allPaused && state == QStringLiteral("running"))
            state = QStringLiteral("paused");
        table.addRow(
            {{QString::number(job.value(QLatin1String("id")).toInteger()), Tone::Strong, true},
             {job.value(QLatin1String("kind")).toString()},
             {state, toneOf(state)},
             {progressOf(job), Tone::Plain, true},
             {shownAge(job, QStringLiteral("createdMs")) + QStringLiteral(" ago"), Tone::Plain, true},
             {result(job)}});
    }
    return table.toString(terminal);
}

} // namespace

void JobsListCommand::handleOpened(const control::ServiceInfo &)
{
    askPause([this] {
        call(QStringLiteral("jobs.list"), {}, [this](const QJsonObject &answer) {
            const QJsonArray jobs = answer.value(QLatin1String("jobs")).toArray();
            if (json())
                printJson(answer);
            else if (jobs.isEmpty())
                print(QStringLiteral("There are no jobs. `cring verify` starts one.\n"));
            else
                print(jobTable(terminal(), jobs, !pauseWords().isEmpty()));
            if (!json() && !pauseWords().isEmpty())
                print(pauseWords() + QStringLiteral(": no job makes a step before.\n"));
            finish(Ok);
        });
    });
}

JobCommand::JobCommand(ServiceCommandContext context, QString method, std::optional<qint64> id)
    : ServiceCommand(std::move(context))
    , m_method(std::move(method))
    , m_id(id)
{
}

void JobCommand::handleOpened(const control::ServiceInfo &)
{
    QJsonObject params;
    if (m_id)
        params.insert(QLatin1String("id"), *m_id);
    askPause([this, params] {
        call(m_method, params, [this](const QJsonObject &answer) {
            const QJsonObject job = answer.value(QLatin1String("job")).toObject();
            if (json())
                printJson(job);
            else
                print(jobTable(terminal(), {job}, !pauseWords().isEmpty()));
            finish(Ok);
        });
    });
}

void RebalancePlanCommand::handleOpened(const control::ServiceInfo &)
{
    call(
        QStringLiteral("rebalance.plan"), {},
        [this](const QJsonObject &plan) {
            if (json())
                printJson(plan);
            else
                show(plan);
            finish(Ok);
        },
        planTime);
}

void RebalancePlanCommand::show(const QJsonObject &plan)
{
    const auto amount = [](const QJsonValue &value) {
        const QJsonObject object = value.toObject();
        const qint64 files = object.value(QLatin1String("files")).toInteger();
        return files == 0 ? QStringLiteral("-")
                          : QStringLiteral("%1 (%2)").arg(files).arg(
                                words::bytes(object.value(QLatin1String("bytes")).toInteger()));
    };
    const auto files = [&](const char *what) {
        return plan.value(QLatin1String(what)).toObject().value(QLatin1String("files")).toInteger();
    };
    if (files("copy") == 0 && files("remove") == 0) {
        print(QStringLiteral("Every file is where it belongs: there is nothing to move.\n"));
        return;
    }
    PaintedTable table;
    table.addRow({heading("SERVER"), heading("GETS", true), heading("GIVES AWAY", true)});
    for (const QJsonValue value : plan.value(QLatin1String("servers")).toArray()) {
        const QJsonObject server = value.toObject();
        const QString name = server.value(QLatin1String("name")).toString();
        table.addRow({{name.isEmpty() ? server.value(QLatin1String("id")).toString() : name, Tone::Strong},
                      {amount(server.value(QLatin1String("copy"))), Tone::Plain, true},
                      {amount(server.value(QLatin1String("remove"))), Tone::Plain, true}});
    }
    print(table.toString(terminal()) +
          QStringLiteral("\n%1 made, then %2 removed; %3 % of all copies move.\n")
              .arg(words::counted(files("copy"), "copy is", "copies are"),
                   files("remove") == 1 ? QStringLiteral("1 is")
                                        : QStringLiteral("%1 are").arg(files("remove")))
              .arg(plan.value(QLatin1String("movedShare")).toDouble() * 100, 0, 'f', 1));
    advise(QStringLiteral(
        "A copy is removed only when all its owners hold theirs. `cring rebalance apply` does it."));
}

} // namespace cring::app
