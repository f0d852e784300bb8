// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/servicecommands.h"

#include "app/cring/commandfamily.h"
#include "app/cring/logcommand.h"
#include "app/cring/statuscommand.h"
#include "app/cring/steercommand.h"

#include <QDateTime>

namespace cring::app {

namespace {

void addStatus(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *command =
        addCommand(app, family, "status", "How the ring is: a verdict, the servers, the requests");
    const auto flags = std::make_shared<StatusCommand::Options>();
    command->add_flag("--watch", flags->watch, "Go on, and show it again every second");
    command->add_flag("--exit-code", flags->exitCode,
                      "Exit with 6 when something is wrong, 7 when uploads fail");
    runs(command, family, [flags](const ServiceCommandContext &context) {
        return std::make_unique<StatusCommand>(context, *flags);
    });
}

void addLog(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *command = addCommand(app, family, "log", "What happened: the service's last events");

    struct Words
    {
        LogCommand::Options options;
        std::string backend;
        std::string level;
    };

    const auto words = std::make_shared<Words>();
    command->add_flag("-f,--follow", words->options.follow, "Go on, and show what happens");
    command
        ->add_option_function<std::string>(
            "--since",
            [words](const std::string &text) {
                const Result<qint64> since =
                    parseSince(QString::fromStdString(text), QDateTime::currentMSecsSinceEpoch());
                if (!since)
                    throw CLI::ValidationError("--since", since.error().detail.toStdString());
                words->options.sinceMs = *since;
            },
            "From then on: 10m, 2h, 3d, or 2026-01-31T12:00")
        ->type_name("WHEN");
    command->add_option("--backend", words->backend, "Of this server only")->type_name("NAME");
    command->add_option("--level", words->level, "At least this severe")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
    command->add_option("-n,--lines", words->options.lines, "How many, without --since")
        ->check(CLI::Range(0, 500));
    runs(command, family, [words](const ServiceCommandContext &context) {
        words->options.backend = QString::fromStdString(words->backend);
        words->options.level = QString::fromStdString(words->level);
        return std::make_unique<LogCommand>(context, words->options);
    });
}

void addStop(CLI::App &app, const CommandFamilyPtr &family)
{
    using How = StopCommand::How;
    runs(addCommand(app, family, "drain", "End the service when its requests have; do not wait for that"),
         family, [](const ServiceCommandContext &context) {
             return std::make_unique<StopCommand>(context, How::Drain);
         });
    CLI::App *stop =
        addCommand(app, family, "stop", "End the service when its requests have, and wait for that");
    const auto now = std::make_shared<bool>(false);
    stop->add_flag("--now", *now, "Cut requests that are under way");
    runs(stop, family, [now](const ServiceCommandContext &context) {
        return std::make_unique<StopCommand>(context, *now ? How::StopNow : How::Stop);
    });
}

} // namespace

void addServiceCommands(CLI::App &app, std::function<ServiceOptions()> options, std::function<int()> &run)
{
    const auto family = std::make_shared<CommandFamily>(CommandFamily{std::move(options), run, {}});
    addStatus(app, family);
    addServerCommands(app, family);
    addIdentityCommands(app, family);
    addContentCommands(app, family);
    addFileCommands(app, family);
    addBackupCommands(app, family);
    addJobCommands(app, family);
    addNotifyCommands(app, family);
    addLog(app, family);
    addPlain<ReloadCommand>(app, family, "reload", "Read the configuration again");
    addStop(app, family);
}

} // namespace cring::app
