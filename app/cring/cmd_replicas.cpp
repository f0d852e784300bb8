// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/command.h"
#include "app/cring/replicascommand.h"
#include "core/service/statedirectory.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace cring::app {

namespace {

using InitOptions = ReplicasInitCommand::Options;

/// A file that is wrong elsewhere may still say where the servers are; one server is enough to begin with.
std::optional<ReplicasContext> contextOf(const Context &context)
{
    const config::Loaded loaded = config::load(context.sources());
    if (!isReadable(loaded)) {
        report(loaded, context.output());
        return std::nullopt;
    }
    const Result<QString> state = service::stateDirectory();
    return ReplicasContext{loaded.config, Terminal::ofProcess(context.noColour, context.quiet), context.json,
                           context.quiet, state ? *state + QStringLiteral("/known_hosts") : QString()};
}

void addText(CLI::App *command, const char *flag, const char *type, const char *help,
             std::function<void(const QString &)> take)
{
    command
        ->add_option_function<std::string>(
            flag, [take](const std::string &text) { take(QString::fromStdString(text)); }, help)
        ->type_name(type);
}

void addPort(CLI::App *command, const char *flag, const char *help,
             const std::shared_ptr<InitOptions> &options, quint16 accounts::ReplicaPlan::*port)
{
    command->add_option(flag, options->plan.*port, help)->type_name("N");
}

void addInit(CLI::App *family, Context &context)
{
    CLI::App *command = family->add_subcommand(
        "init", "Make the data directory of a new server from another one's, which may be running");
    const auto options = std::make_shared<InitOptions>();
    addText(command, "--from", "NAME", "A server of the configuration, or a data directory",
            [options](const QString &text) { options->from = text; });
    addText(command, "--to", "PLACE",
            "An empty folder, or one that is not there: /PATH or ssh://USER@HOST/PATH",
            [options](const QString &text) { options->to = text; });
    for (const char *flag : {"--from", "--to"})
        command->get_option(flag)->required();
    addText(command, "--issuer", "URL",
            "The servers' CHARM_SERVER_PUBLIC_URL [default: the source's server is asked]",
            [options](const QString &text) { options->plan.issuer = text.toUtf8(); });
    addText(command, "--address", "ADDRESS", "Where the new server listens [default: everywhere]",
            [options](const QString &text) { options->plan.address = text; });
    using Plan = accounts::ReplicaPlan;
    addPort(command, "--http-port", "Its HTTP port [default 35354]", options, &Plan::httpPort);
    addPort(command, "--ssh-port", "Its SSH port [default 35353]", options, &Plan::sshPort);
    addPort(command, "--stats-port", "Its metrics port [default 35355]", options, &Plan::statsPort);
    addPort(command, "--health-port", "Its health port [default 35356]", options, &Plan::healthPort);
    addText(command, "--user", "USER", "Under whom it runs [default: the owner of the new folder]",
            [options](const QString &text) { options->plan.user = text; });
    addText(command, "--charm", "PATH", "The charm program on that machine [default: as found there]",
            [options](const QString &text) { options->plan.program = text; });
    command->callback([&context, options] {
        context.run = [&context, options] {
            auto given = contextOf(context);
            return given ? ReplicasInitCommand(std::move(*given), *options).run() : int(BadConfiguration);
        };
    });
}

void addCheck(CLI::App *family, Context &context)
{
    CLI::App *command = family->add_subcommand(
        "check", "Look whether data directories are whole and their servers stand for one another");
    const auto names = std::make_shared<std::vector<std::string>>();
    command->add_option("NAME", *names, "Servers or data directories [default: every server with `data`]");
    command->callback([&context, names] {
        context.run = [&context, names] {
            QStringList wanted;
            for (const std::string &name : *names)
                wanted += QString::fromStdString(name);
            auto given = contextOf(context);
            return given ? ReplicasCheckCommand(std::move(*given), wanted).run() : int(BadConfiguration);
        };
    });
}

} // namespace

void addReplicas(CLI::App &app, Context &context)
{
    CLI::App *family = app.add_subcommand("replicas", "New servers for the ring, and their data directories");
    family->require_subcommand(1);
    addInit(family, context);
    addCheck(family, context);
}

} // namespace cring::app
