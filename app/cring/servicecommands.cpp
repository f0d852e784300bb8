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

/// What every command of the family is built with. Shared by their callbacks.
struct Family
{
    std::function<ServiceOptions()> options;
    std::function<int()> &run;
    std::string socket; ///< --control-socket of the command that was given.

    ServiceCommandContext context() const
    {
        const ServiceOptions given = options();
        QString path = QString::fromStdString(socket);
        if (path.isEmpty())
            path = given.socket;
        const QStringList sockets =
            path.isEmpty() ? control::SocketPlaces::ofThisProcess().clientPaths() : QStringList(path);
        return {Terminal::ofProcess(!given.color), sockets, given.json};
    }
};

using FamilyPtr = std::shared_ptr<Family>;

CLI::App *addCommand(CLI::App &parent, const FamilyPtr &family, const char *name, const char *help)
{
    CLI::App *command = parent.add_subcommand(name, help);
    command
        ->add_option("--control-socket", family->socket,
                     "The service's socket, when it is not where the configuration says")
        ->type_name("FILE");
    return command;
}

/// Has the program run what `make` makes from a context.
template <typename Make>
void runs(CLI::App *command, const FamilyPtr &family, Make make)
{
    command->callback([family, make] {
        family->run = [family, make] {
            return make(family->context())->run();
        };
    });
}

void addStatus(CLI::App &app, const FamilyPtr &family)
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

template <typename Command>
void addNamed(CLI::App &parent, const FamilyPtr &family, const char *name, const char *help)
{
    CLI::App *command = addCommand(parent, family, name, help);
    const auto server = std::make_shared<std::string>();
    command->add_option("NAME", *server, "Name of a server")->required();
    runs(command, family, [server](const ServiceCommandContext &context) {
        return std::make_unique<Command>(context, QString::fromStdString(*server));
    });
}

template <typename Command>
void addPlain(CLI::App &parent, const FamilyPtr &family, const char *name, const char *help)
{
    runs(addCommand(parent, family, name, help), family,
         [](const ServiceCommandContext &context) { return std::make_unique<Command>(context); });
}

void addBackends(CLI::App &app, const FamilyPtr &family)
{
    CLI::App *backends = app.add_subcommand("backends", "The servers of the ring");
    backends->require_subcommand(1);
    addPlain<BackendsListCommand>(*backends, family, "list", "All servers, and how they are");
    addNamed<BackendsShowCommand>(*backends, family, "show", "Everything about one server");
    addNamed<BackendsTestCommand>(*backends, family, "test",
                                  "Try one server step by step, and say what to do");
}

void addLog(CLI::App &app, const FamilyPtr &family)
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

void addStop(CLI::App &app, const FamilyPtr &family)
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
    const auto family = std::make_shared<Family>(Family{std::move(options), run, {}});
    addStatus(app, family);
    addBackends(app, family);
    addLog(app, family);
    addPlain<ReloadCommand>(app, family, "reload", "Read the configuration again");
    addStop(app, family);
}

} // namespace cring::app
