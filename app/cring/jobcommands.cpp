// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/commandfamily.h"
#include "app/cring/jobscommand.h"
#include "app/cring/jobwatchcommand.h"
#include "app/cring/logcommand.h"
#include "app/cring/pausecommand.h"
#include "core/service/backgroundpause.h"
#include "core/service/signals.h"

#include <QJsonArray>

namespace cring::app {

namespace {

using WatchOptions = JobWatchCommand::Options;

std::shared_ptr<std::optional<qint64>> addId(CLI::App *command)
{
    const auto id = std::make_shared<std::optional<qint64>>();
    command
        ->add_option_function<qint64>(
            "ID", [id](qint64 value) { *id = value; }, "Its number; without one, the only job under way")
        ->check(wholeNumber());
    return id;
}

void addSteering(CLI::App &parent, const CommandFamilyPtr &family, const char *name, const char *method,
                 const char *help)
{
    CLI::App *command = addCommand(parent, family, name, help);
    const auto id = addId(command);
    runs(command, family, [id, method](const ServiceCommandContext &context) {
        return std::make_unique<JobCommand>(context, QString::fromLatin1(method), *id);
    });
}

void addJobs(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *jobs =
        addListFamily(app, family, "jobs", "Long work of the service: it goes on after a restart");
    listsWhenBare<JobsListCommand>(jobs, family);
    addPlain<JobsListCommand>(*jobs, family, "list", "Those under way, and the last ones");
    addSteering(*jobs, family, "show", "jobs.show", "One job");
    CLI::App *watch = addCommand(*jobs, family, "watch", "Follow a job to its end; Ctrl-C leaves it running");
    const auto id = addId(watch);
    watches(watch, family, [id] {
        WatchOptions options;
        options.id = *id;
        return options;
    });
    addSteering(*jobs, family, "pause", "jobs.pause", "Let it rest; what is done stays done");
    addSteering(*jobs, family, "resume", "jobs.resume", "Let it go on");
    addSteering(*jobs, family, "cancel", "jobs.cancel", "End it; what is done stays done");
}

std::shared_ptr<WatchOptions> addJob(CLI::App *command, const CommandFamilyPtr &family, const char *kind)
{
    const auto options = std::make_shared<WatchOptions>();
    options->kind = QString::fromLatin1(kind);
    command->add_flag("--wait,!--no-wait", options->wait, "Wait for its end (the default), or only start it");
    watches(command, family, [options] { return *options; });
    return options;
}

void addVerify(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *command =
        addCommand(app, family, "verify", "Go through all files on all servers, and put right what is wrong");
    const auto options = addJob(command, family, "scrub");
    command->add_flag_callback(
        "--deep", [options] { options->parameters.insert(QStringLiteral("deep"), true); },
        "Read every byte of every copy");
    command->footer(
        "Exit codes: 6 when something was found that a person has to decide (`cring findings list`), 3 "
        "when not everything could be looked at.");
}

void addRepair(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *command = addCommand(
        app, family, "repair", "Put files right: what is recorded is brought back to where it is missing");
    const auto options = addJob(command, family, "repair");
    command->add_option_function<std::vector<std::string>>(
        "PATH",
        [options](const std::vector<std::string> &paths) {
            QJsonArray array;
            for (const std::string &path : paths)
                array.append(QString::fromStdString(path));
            options->parameters.insert(QStringLiteral("paths"), array);
        },
        "Files and folders, as `cring findings list` shows them; all, without any");
    command->add_flag_callback(
        "--adopt", [options] { options->parameters.insert(QStringLiteral("adopt"), true); },
        "Take over files that nobody recorded, too");
    command->add_flag_callback(
        "--any-name", [options] { options->parameters.insert(QStringLiteral("any_name"), true); },
        "With --adopt: also names that no charm client can read, which break `charm fs ls`");
    command->add_flag_callback(
        "--forget", [options] { options->parameters.insert(QStringLiteral("forget"), true); },
        "Say of paths that are gone that they were deleted; what few servers have still is kept aside");
    command->footer(
        "Exit codes: 6 when something was found that a person has to decide (`cring findings list`), 3 "
        "when not everything could be looked at or put right, 10 when nobody knows the paths.");
}

void addRebalance(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *rebalance =
        app.add_subcommand("rebalance", "Bring files to where they belong after servers came or went");
    rebalance->require_subcommand(1);
    addPlain<RebalancePlanCommand>(*rebalance, family, "plan", "What it would move; changes nothing");
    CLI::App *apply = addCommand(*rebalance, family, "apply", "Do it, and watch");
    const auto options = std::make_shared<WatchOptions>();
    const auto dryRun = std::make_shared<bool>(false);
    options->kind = QStringLiteral("rebalance");
    apply->add_flag("--wait,!--no-wait", options->wait, "Wait for its end (the default), or only start it");
    apply->add_flag("--dry-run", *dryRun, "As `rebalance plan`");
    apply->callback([family, options, dryRun] {
        family->run = [family, options, dryRun] {
            if (*dryRun)
                return RebalancePlanCommand(family->context()).run();
            service::UnixSignals signals;
            JobWatchCommand watch(family->context(), *options);
            QObject::connect(&signals, &service::UnixSignals::terminated, &watch,
                             &JobWatchCommand::interrupt);
            return watch.run();
        };
    });
}

void addPause(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *command =
        addCommand(app, family, "pause", "Let background work rest; clients are served as ever");
    const auto time = std::make_shared<std::optional<std::chrono::milliseconds>>();
    command
        ->add_option_function<std::string>(
            "--for",
            [time](const std::string &text) {
                const Result<std::chrono::milliseconds> span = parseSpan(QString::fromStdString(text));
                if (!span)
                    throw CLI::ValidationError("--for", span.error().detail.toStdString());
                if (*span < service::BackgroundPause::kShortest || *span > service::BackgroundPause::kLongest)
                    throw CLI::ValidationError("--for", "from 1s to 7d; without --for it lasts until `cring "
                                                        "resume`");
                *time = *span;
            },
            "How long: 30m, 2h, 1d; until `cring resume`, without")
        ->type_name("TIME");
    runs(command, family, [time](const ServiceCommandContext &context) {
        return std::make_unique<PauseCommand>(context, *time);
    });
    addPlain<ResumeCommand>(app, family, "resume", "Let background work go on");
}

} // namespace

void addJobCommands(CLI::App &app, const CommandFamilyPtr &family)
{
    addVerify(app, family);
    addRepair(app, family);
    addRebalance(app, family);
    addJobs(app, family);
    addPause(app, family);
}

} // namespace cring::app
