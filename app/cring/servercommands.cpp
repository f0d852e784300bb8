// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/backendscommand.h"
#include "app/cring/commandfamily.h"
#include "app/cring/serverscommand.h"
#include "app/cring/servertrialcommand.h"
#include "core/config/nodeplace.h"
#include "core/config/serverurl.h"

namespace cring::app {

namespace {

using Options = ServersCommand::Options;
using What = ServersCommand::What;

template <typename Command>
void addNamed(CLI::App &parent, const CommandFamilyPtr &family, const char *name, const char *help)
{
    CLI::App *command = addCommand(parent, family, name, help);
    const auto server = std::make_shared<std::string>();
    command->add_option("NAME", *server, "Name of a server")->required();
    runs(command, family, [server](const ServiceCommandContext &context) {
        return std::make_unique<Command>(context, QString::fromStdString(*server));
    });
}

void addState(CLI::App &parent, const CommandFamilyPtr &family, const char *name, const char *method,
              const char *help)
{
    CLI::App *command = addCommand(parent, family, name, help);
    const auto server = std::make_shared<std::string>();
    command->add_option("NAME", *server, "Name of a server")->required();
    runs(command, family, [server, method](const ServiceCommandContext &context) {
        return std::make_unique<ServerStateCommand>(context, QString::fromLatin1(method),
                                                    QString::fromStdString(*server));
    });
}

CLI::Option *addText(CLI::App *command, const char *flag, const char *type, const char *help,
                     const std::shared_ptr<Options> &options,
                     std::optional<QString> config::ServerChange::*field)
{
    return command
        ->add_option_function<std::string>(
            flag,
            [options, field](const std::string &text) {
                options->change.*field = QString::fromStdString(text);
            },
            help)
        ->type_name(type);
}

std::shared_ptr<Options> addChange(CLI::App *command, const CommandFamilyPtr &family, What what)
{
    const auto options = std::make_shared<Options>();
    options->what = what;
    command
        ->add_option_function<std::string>(
            "NAME", [options](const std::string &name) { options->name = QString::fromStdString(name); },
            "Name of the server")
        ->required();
    command->add_flag("--dry-run", options->dryRun, "Only say what would be done");
    runs(command, family, [options, family](const ServiceCommandContext &context) {
        options->file = family->options().configFile;
        return std::make_unique<ServersCommand>(context, *options);
    });
    return options;
}

void addPlaces(CLI::App *command, const std::shared_ptr<Options> &options)
{
    using Change = config::ServerChange;
    addText(command, "--ssh-port", "N", "Port of its SSH side, on the same host", options, &Change::sshPort);
    addText(command, "--weight", "W", "Share of the files, relative to the others", options, &Change::weight);
    addText(command, "--data", "PLACE", "Its data directory: /PATH, or ssh://USER@HOST/PATH", options,
            &Change::data);
}

/// NAME alone: by the service. With --url: a server that nobody has configured yet, by this process.
void addTest(CLI::App &backends, const CommandFamilyPtr &family)
{
    CLI::App *command =
        addCommand(backends, family, "test", "Try one server step by step, and say what to do");
    const auto options = std::make_shared<ServerTrialCommand::Options>();
    auto *name = command->add_option_function<std::string>(
        "NAME", [options](const std::string &text) { options->name = QString::fromStdString(text); },
        "Name of a server");
    auto *url = command
                    ->add_option_function<std::string>(
                        "--url",
                        [options](const std::string &text) {
                            const Result<QUrl> parsed = config::parseServerUrl(QString::fromStdString(text));
                            if (!parsed)
                                throw CLI::ValidationError("--url", parsed.error().detail.toStdString());
                            options->url = *parsed;
                        },
                        "Try what is at this URL before it is configured; needs no service")
                    ->type_name("URL");
    command->add_option("--ssh-port", options->sshPort, "With --url: its SSH port [default: 35353]")
        ->type_name("N")
        ->check(CLI::Range(1, 65535))
        ->needs(url);
    command
        ->add_option_function<std::string>(
            "--data",
            [options](const std::string &text) {
                options->data = QString::fromStdString(text);
                if (const auto place = config::parseNodePlace(options->data); !place)
                    throw CLI::ValidationError("--data", place.error().detail.toStdString());
            },
            "With --url: its data directory, as for `backends add`")
        ->type_name("PLACE")
        ->needs(url);
    command->callback([family, options, name, url] {
        if (name->count() == 0 && url->count() == 0)
            throw CLI::RequiredError("NAME");
        family->run = [family, options, isNew = url->count() > 0] {
            if (!isNew)
                return BackendsTestCommand(family->context(), options->name).run();
            if (options->name.isEmpty())
                options->name = config::hostAndPort(options->url);
            return ServerTrialCommand(family->context(), family->options().config, *options).run();
        };
    });
}

} // namespace

void addServerCommands(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *backends = addListFamily(app, family, "backends", "The servers of the ring");
    listsWhenBare<BackendsListCommand>(backends, family);
    addPlain<BackendsListCommand>(*backends, family, "list", "All servers, and how they are");
    addNamed<BackendsShowCommand>(*backends, family, "show", "Everything about one server");
    addTest(*backends, family);
    using Change = config::ServerChange;
    CLI::App *add = addCommand(*backends, family, "add",
                               "Add a server to the configuration file and to the running ring");
    const auto adding = addChange(add, family, What::Add);
    addText(add, "--url", "URL", "Where it is, as http://charm4:35354", adding, &Change::url)->required();
    addPlaces(add, adding);
    addText(add, "--id", "ID",
            "What its files are found by, of one that was in the ring before [default: NAME]", adding,
            &Change::id);

    CLI::App *edit = addCommand(*backends, family, "edit", "Change a server; it stays the same server");
    const auto editing = addChange(edit, family, What::Edit);
    addText(edit, "--url", "URL", "Where it is now", editing, &Change::url);
    addText(edit, "--name", "NAME", "What it is called from now on", editing, &Change::name);
    addPlaces(edit, editing);
    edit->parse_complete_callback([editing] {
        const Change &change = editing->change;
        if (!change.url && !change.name && !change.sshPort && !change.weight && !change.data)
            throw CLI::ValidationError("edit",
                                       "say what to change: --url, --name, --ssh-port, --weight or --data");
    });

    CLI::App *remove = addCommand(*backends, family, "remove",
                                  "Take a server out of the ring; says what that costs, and asks");
    const auto removing = addChange(remove, family, What::Remove);
    remove->add_flag("--yes", removing->yes, "Do not ask");
    remove->add_flag("--force", removing->force, "Though some files have their only copy there");

    addState(*backends, family, "drain", "backends.drain",
             "Bring what a server holds to others, so that it can be removed");
    addState(*backends, family, "resume", "backends.resume", "Take a drained server in again");
    addState(*backends, family, "promote", "backends.promote",
             "Make a server the primary, where accounts and SSH sessions go");
}

} // namespace cring::app
