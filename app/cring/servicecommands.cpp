// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/servicecommands.h"

#include "app/cring/backendscommand.h"
#include "app/cring/logcommand.h"
#include "app/cring/statuscommand.h"
#include "app/cring/steercommand.h"
#include "core/control/socketpath.h"

#include <QDateTime>

#include <CLI/CLI.hpp>

#include <memory>

namespace cring::app {

namespace {

ServiceCommandContext contextOf(const ServiceOptions &options)
{
    const QStringList sockets = options.socket.empty() ? control::SocketPlaces::ofThisProcess().clientPaths()
                                                       : QStringList(QString::fromStdString(options.socket));
    return {Terminal::ofProcess(options.noColor), sockets, options.json};
}

CLI::App *addCommand(CLI::App &parent, const char *name, const char *help, ServiceOptions &options)
{
    CLI::App *command = parent.add_subcommand(name, help);
    command->add_flag("--json", options.json, "Print JSON");
    command
        ->add_option("--control-socket", options.socket,
                     "The service's socket, when it is not where it usually is")
        ->type_name("FILE");
    return command;
}

void addStatus(CLI::App &app, ServiceOptions &options, std::function<int()> &chosen)
{
    CLI::App *command =
        addCommand(app, "status", "How the ring is: a verdict, the servers, the requests", options);
    const auto flags = std::make_shared<StatusCommand::Options>();
    command->add_flag("--watch", flags->watch, "Go on, and show it again every second");
    command->add_flag("--exit-code", flags->exitCode,
                      "Exit with 6 when something is wrong, 7 when uploads fail");
    command->callback([&options, &chosen, flags] {
        chosen = [&options, flags] {
            return StatusCommand(contextOf(options), *flags).run();
        };
    });
}

template <typename Command>
void addNamed(CLI::App &parent, const char *name, const char *help, ServiceOptions &options,
              std::function<int()> &chosen)
{
    CLI::App *command = addCommand(parent, name, help, options);
    const auto server = std::make_shared<std::string>();
    command->add_option("NAME", *server, "Name of a server")->required();
    command->callback([&options, &chosen, server] {
        chosen = [&options, server] {
            return Command(contextOf(options), QString::fromStdString(*server)).run();
        };
    });
}

template <typename Command>
void addPlain(CLI::App &parent, const char *name, const char *help, ServiceOptions &options,
              std::function<int()> &chosen)
{
    addCommand(parent, name, help, options)->callback([&options, &chosen] {
        chosen = [&options] {
            return Command(contextOf(options)).run();
        };
    });
}

void addBackends(CLI::App &app, ServiceOptions &options, std::function<int()> &chosen)
{
    CLI::App *backends = app.add_subcommand("backends", "The servers of the ring");
    backends->require_subcommand(1);
    addPlain<BackendsListCommand>(*backends, "list", "All servers, and how they are", options, chosen);
    addNamed<BackendsShowCommand>(*backends, "show", "Everything about one server", options, chosen);
    addNamed<BackendsTestCommand>(*backends, "test", "Try one server step by step, and say what to do",
                                  options, chosen);
}

void addLog(CLI::App &app, ServiceOptions &options, std::function<int()> &chosen)
{
    struct Words
    {
        bool follow = false;
        std::string since;
        std::string backend;
        std::string level;
        int lines = LogCommand::Options().lines;
    };

    CLI::App *command = addCommand(app, "log", "What happened: the service's last events", options);
    const auto words = std::make_shared<Words>();
    command->add_flag("-f,--follow", words->follow, "Go on, and show what happens");
    command->add_option("--since", words->since, "From then on: 10m, 2h, 3d, or 2026-01-31T12:00")
        ->type_name("WHEN")
        ->check([](const std::string &text) {
            const Result<qint64> time = parseSince(QString::fromStdString(text), 1);
            return time ? std::string() : time.error().detail.toStdString();
        });
    command->add_option("--backend", words->backend, "Of this server only")->type_name("NAME");
    command->add_option("--level", words->level, "At least this severe")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
    command->add_option("-n,--lines", words->lines, "How many, without --since")->check(CLI::Range(0, 500));
    command->callback([&options, &chosen, words] {
        chosen = [&options, words] {
            LogCommand::Options log;
            log.follow = words->follow;
            if (!words->since.empty()) {
                const Result<qint64> since =
                    parseSince(QString::fromStdString(words->since), QDateTime::currentMSecsSinceEpoch());
                log.sinceMs = since ? *since : 0; // Checked while parsing.
            }
            log.backend = QString::fromStdString(words->backend);
            log.level = QString::fromStdString(words->level);
            log.lines = words->lines;
            return LogCommand(contextOf(options), log).run();
        };
    });
}

void addStop(CLI::App &app, ServiceOptions &options, std::function<int()> &chosen)
{
    using How = StopCommand::How;
    addCommand(app, "drain", "End the service when its requests have; do not wait for that", options)
        ->callback([&options, &chosen] {
            chosen = [&options] {
                return StopCommand(contextOf(options), How::Drain).run();
            };
        });
    CLI::App *stop =
        addCommand(app, "stop", "End the service when its requests have, and wait for that", options);
    const auto now = std::make_shared<bool>(false);
    stop->add_flag("--now", *now, "Cut requests that are under way");
    stop->callback([&options, &chosen, now] {
        chosen = [&options, now] {
            return StopCommand(contextOf(options), *now ? How::StopNow : How::Stop).run();
        };
    });
}

} // namespace

void addServiceCommands(CLI::App &app, ServiceOptions &options, std::function<int()> &chosen)
{
    addStatus(app, options, chosen);
    addBackends(app, options, chosen);
    addLog(app, options, chosen);
    addPlain<ReloadCommand>(app, "reload", "Read the configuration again", options, chosen);
    addStop(app, options, chosen);
}

} // namespace cring::app
