// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/jobwatchcommand.h"

#include "app/cring/findingscommand.h"
#include "core/base/words.h"
#include "core/service/signals.h"

#include <QJsonArray>

namespace cring::app {

namespace {

constexpr QLatin1String kId("id");
constexpr QLatin1String kJob("job");
constexpr QLatin1String kState("state");
constexpr QLatin1String kSummary("summary");
constexpr QLatin1String kFindings("findings");
constexpr QLatin1String kDisabled("disabled");
constexpr QLatin1String kNotFound("notFound");

/// Of what a job found; `cring findings list` has the rest.
constexpr int kShownFindings = 20;
/// Of accounts that were left alone; `cring accounts list` has all of them.
constexpr qsizetype kShownAccounts = 5;
/// Of an account's id: enough to tell it from the others.
constexpr qsizetype kIdBegin = 8;

bool isUnderWay(const QJsonObject &job)
{
    const QString state = job.value(kState).toString();
    return state == QStringLiteral("running") || state == QStringLiteral("paused");
}

/// Something that should have been done was not.
/// What the summary of a backup's job names.
constexpr std::array<std::pair<QLatin1String, const char *>, 6> kNamed{{
    {QLatin1String("lostNames"), "%1 was missing in the bucket, and is stored again"},
    {QLatin1String("damagedNames"), "%1 was damaged in the bucket, and is stored again"},
    {QLatin1String("unreadNames"), "%1 is in the bucket, which does not give it"},
    {QLatin1String("unknownNames"), "%1 is in the bucket, and nobody knows it"},
    {QLatin1String("foreignNames"), "%1 is in the bucket, and is not ours"},
    {QLatin1String("failures"), "not brought back: %1"},
}};

bool isPartial(const QJsonObject &summary)
{
    return summary.value(QLatin1String("left")).toInteger() > 0 ||
           summary.value(QLatin1String("failed")).toInteger() > 0 ||
           !summary.value(QLatin1String("skipped")).toObject().isEmpty() ||
           !summary.value(QLatin1String("unheard")).toObject().isEmpty();
}

/// "2 disabled accounts left alone: 1b9ff3f4, 5a0e76aa"; "" without one.
QString leftAloneWords(const QJsonArray &accounts)
{
    if (accounts.isEmpty())
        return {};
    QStringList ids;
    for (const QJsonValue account : accounts)
        ids << plain(account.toString().left(kIdBegin));
    if (ids.size() > kShownAccounts)
        ids = ids.mid(0, kShownAccounts) << QStringLiteral("…");
    return QStringLiteral("%1 left alone: %2.\n")
        .arg(words::counted(accounts.size(), "disabled account"), ids.join(QStringLiteral(", ")));
}

} // namespace

void watches(CLI::App *command, const CommandFamilyPtr &family,
             std::function<JobWatchCommand::Options()> options)
{
    command->callback([family, options = std::move(options)] {
        family->run = [family, options] {
            service::UnixSignals signals;
            JobWatchCommand watch(family->context(), options());
            QObject::connect(&signals, &service::UnixSignals::terminated, &watch,
                             &JobWatchCommand::interrupt);
            return watch.run();
        };
    });
}

int exitCodeOf(const QJsonObject &job)
{
    const QString state = job.value(kState).toString();
    const QJsonObject summary = job.value(kSummary).toObject();
    if (state == QStringLiteral("cancelled"))
        return PartlyDone;
    if (state != QStringLiteral("done"))
        return Failed;
    if (isPartial(summary))
        return PartlyDone;
    if (const qsizetype unknown = summary.value(kNotFound).toArray().size(); unknown > 0)
        return summary.value(QLatin1String("checked")).toInteger() > unknown ||
                       summary.value(QLatin1String("files")).toInteger() +
                               summary.value(QLatin1String("folders")).toInteger() >
                           0
                   ? PartlyDone
                   : NotFound;
    // A bucket's: put right by itself, and worth a word.
    const bool repaired = summary.value(QLatin1String("lost")).toInteger() +
                                  summary.value(QLatin1String("damaged")).toInteger() +
                                  summary.value(QLatin1String("unread")).toInteger() +
                                  summary.value(QLatin1String("unrestored")).toInteger() >
                              0 ||
                          summary.value(QLatin1String("accountsFailed")).toBool();
    return repaired || summary.value(kFindings).toInteger() > 0 ? DoneWithFindings : Ok;
}

QString summaryWords(const QJsonObject &summary)
{
    QStringList parts;
    for (auto it = summary.begin(); it != summary.end(); ++it) {
        if (!it.value().isDouble())
            continue;
        // "1 finding, 2 checked": the names of things are plural, and end in "s".
        const qint64 number = it.value().toInteger();
        QString name = plain(it.key());
        if (name.endsWith(QLatin1String("Ms"))) // Times are in the table of jobs.
            continue;
        if (name.endsWith(QLatin1String("bytes"), Qt::CaseInsensitive)) {
            name.chop(static_cast<qsizetype>(qstrlen("bytes")));
            parts.append(words::bytes(number) + (name.isEmpty() ? QString() : u' ' + name));
            continue;
        }
        if (number == 1 && name.endsWith(u's'))
            name.chop(1);
        parts.append(QStringLiteral("%1 %2").arg(number).arg(name));
    }
    return parts.join(QStringLiteral(", "));
}

JobWatchCommand::JobWatchCommand(ServiceCommandContext context, Options options)
    : ServiceCommand(std::move(context))
    , m_options(std::move(options))
    , m_id(m_options.id)
{
}

void JobWatchCommand::handleOpened(const control::ServiceInfo &)
{
    const bool asks = !m_id && !m_options.question.isEmpty() &&
                      !m_options.parameters.value(QLatin1String("dryRun")).toBool();
    if (asks && !isConfirmed(m_options.question, m_options.yes))
        return;
    askPause([this] {
        // After a restart of the service the job goes on, under the same number.
        if (m_options.kind.isEmpty() || m_id)
            watch();
        else
            start();
    });
}

void JobWatchCommand::start()
{
    call(QStringLiteral("jobs.start"),
         {{QStringLiteral("kind"), m_options.kind}, {QStringLiteral("parameters"), m_options.parameters}},
         [this](const QJsonObject &answer) {
             const QJsonObject job = answer.value(kJob).toObject();
             m_id = job.value(kId).toInteger();
             if (m_options.wait) {
                 watch();
                 return;
             }
             if (json())
                 printJson(job);
             else
                 print(QStringLiteral("Job %1 %2. `cring jobs watch %1` shows how far it is.\n")
                           .arg(*m_id)
                           .arg(pauseWords().isEmpty() ? QStringLiteral("has begun")
                                                       : QStringLiteral("waits: ") + pauseWords()));
             finish(Ok);
         });
}

void JobWatchCommand::watch()
{
    QJsonObject params;
    if (m_id)
        params.insert(kId, *m_id);
    call(QStringLiteral("jobs.subscribe"), params, [this](const QJsonObject &answer) {
        handleJob(answer.value(kJob).toObject());
        if (!m_ended && !pauseWords().isEmpty())
            advise(pauseWords() + QStringLiteral(": job %1 waits for that.").arg(*m_id));
    });
}

void JobWatchCommand::handleNotified(const QString &method, const QJsonObject &params)
{
    if (method == kJob)
        handleJob(params);
}

void JobWatchCommand::handleClosed(const Error &reason)
{
    if (m_id && !m_ended)
        reconnectSoon(reason);
    else
        fail(reason);
}

void JobWatchCommand::handleJob(const QJsonObject &job)
{
    if (m_ended)
        return;
    m_id = job.value(kId).toInteger();
    if (!isUnderWay(job)) {
        m_ended = true;
        showEnd(job);
        return;
    }
    if (json()) {
        printJson(job);
        return;
    }
    ProgressLine::Point point{
        job.value(QLatin1String("phase")).toString(), job.value(QLatin1String("done")).toInteger(), {}};
    if (job.contains(QLatin1String("total")))
        point.total = job.value(QLatin1String("total")).toInteger();
    const bool paused = job.value(kState).toString() == QStringLiteral("paused");
    m_progress.add(point, m_clock.steady());
    terminal().progress(paused ? QStringLiteral("Paused; `cring jobs resume %1` lets it go on").arg(*m_id)
                               : m_progress.text());
}

void JobWatchCommand::showEnd(const QJsonObject &job)
{
    const int code = exitCodeOf(job);
    const QJsonObject summary = job.value(kSummary).toObject();
    if (json()) {
        printJson({{kSummary, job}});
        finish(code);
        return;
    }
    const QString counts = summaryWords(summary);
    const QString state = job.value(kState).toString();
    const QString name =
        QStringLiteral("Job %1 (%2)").arg(*m_id).arg(plain(job.value(QLatin1String("kind")).toString()));
    if (state == QStringLiteral("failed")) {
        terminal().complain(name + QStringLiteral(" failed: ") +
                            job.value(QLatin1String("problem")).toString());
    } else {
        print(QStringLiteral("%1 %2%3.\n")
                  .arg(name,
                       state == QStringLiteral("done")
                           ? QStringLiteral("is done")
                           : QStringLiteral("was cancelled; what is done stays done"),
                       counts.isEmpty() ? QString() : QStringLiteral(": ") + counts));
    }
    // Of a restore drill.
    if (const QString words = summary.value(QLatin1String("accounts")).toString(); !words.isEmpty())
        terminal().complain(QStringLiteral("the accounts: ") + words);
    if (const QString words = leftAloneWords(summary.value(kDisabled).toArray()); !words.isEmpty())
        print(words);
    for (const char *what : {"skipped", "unheard"}) {
        const QJsonObject reasons = summary.value(QLatin1String(what)).toObject();
        for (auto it = reasons.begin(); it != reasons.end(); ++it)
            terminal().complain(QStringLiteral("%1 was left out: %2").arg(it.key(), it.value().toString()));
    }
    for (const auto &[key, words] : kNamed) {
        for (const QJsonValue one : summary.value(key).toArray())
            terminal().complain(QString::fromLatin1(words).arg(one.toString()));
    }
    const bool ofBucket = job.value(QLatin1String("kind")) == QLatin1String("backup-restore");
    for (const QJsonValue path : summary.value(kNotFound).toArray())
        terminal().complain(
            (ofBucket ? QStringLiteral("%1 is not in the bucket, or was not there at that time")
                      : QStringLiteral("%1 is not known: it is not recorded, and no server has it"))
                .arg(path.toString()));
    if (summary.value(kFindings).toInteger() > 0)
        showFindings(code);
    else
        finish(code);
}

void JobWatchCommand::showFindings(int exitCode)
{
    tryCall(QStringLiteral("findings.list"), {{QStringLiteral("limit"), kShownFindings}},
            [this, exitCode](const Result<QJsonObject> &answer) {
                if (answer) {
                    print(u'\n' + findingsTable(terminal(), answer->value(kFindings).toArray()));
                    advise(QStringLiteral("`cring findings list` shows all of them, and what each means."));
                }
                finish(exitCode);
            });
}

void JobWatchCommand::interrupt()
{
    if (m_id && !m_ended)
        terminal().advise(
            QStringLiteral("The job goes on: `cring jobs watch %1` comes back to it, `cring jobs "
                           "cancel %1` ends it.")
                .arg(*m_id));
    finish(Interrupted);
}

} // namespace cring::app
