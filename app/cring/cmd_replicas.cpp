// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/command.h"
#include "app/cring/commandfamily.h"
#include "app/cring/replicascommand.h"
#include "app/cring/serverscommand.h"
#include "core/service/statedirectory.h"

#include <CLI/CLI.hpp>

#include <algorithm>
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
    const Result<QByteArray> text = config::readFile(serviceOptions(context).configFile);
    return ReplicasContext{loaded.config,
                           Terminal::ofProcess(context.noColour, context.quiet),
                           context.json,
                           context.quiet,
                           state ? *state + QStringLiteral("/known_hosts") : QString(),
                           text ? *text : QByteArray()};
}

bool isInRing(const Context &context, const QString &name)
{
    const config::Loaded loaded = config::load(context.sources());
    return std::ranges::any_of(loaded.config.servers,
                               [&](const config::Server &server) { return server.name == name; });
}

int init(Context &context, const InitOptions &options)
{
    auto given = contextOf(context);
    if (!given)
        return BadConfiguration;
    ReplicasInitCommand command(std::move(*given), options);
    const int made = command.run();
    if (made != Ok || options.join.isEmpty())
        return made;
    if (isInRing(context, options.join)) {
        context.output().note(QStringLiteral("%1 is in the ring already.").arg(options.join));
        return Ok;
    }
    CommandFamily family{[&context] { return serviceOptions(context); }, context.run, {}};
    ServersCommand::Options joining;
    joining.name = options.join;
    joining.change = command.joining();
    joining.file = serviceOptions(context).configFile;
    return ServersCommand(family.context(), joining).run();
}

CLI::Option *addText(CLI::App *command, const char *flag, const char *type, const char *help,
                     std::function<void(const QString &)> take)
{
    return command
        ->add_option_function<std::string>(
            flag, [take](const std::string &text) { take(QString::fromStdString(text)); }, help)
        ->type_name(type);
}

void addPort(CLI::App *command, const char *flag, const char *help,
             const std::shared_ptr<InitOptions> &options, quint16 accounts::ReplicaPlan::*port)
{
    // --http-port is HTTP_PORT in a server's settings.
    const QByteArray name = QByteArray(flag).mid(2).toUpper().replace('-', '_');
    command->add_option(flag, options->plan.*port, help)
        ->type_name("N")
        ->each([options, name](const std::string &) { options->given.insert(name); });
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
    addText(command, "--join", "NAME",
            "Wait until the new server has been started, and take it into the ring under this name",
            [options](const QString &text) { options->join = text; });
    addText(command, "--url", "URL", "Where it will answer [default: on that machine, at its HTTP port]",
            [options](const QString &text) { options->url = QUrl(text); })
        ->needs("--join");
    command->callback([&context, options] {
        context.run = [&context, options] {
            return init(context, *options);
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
