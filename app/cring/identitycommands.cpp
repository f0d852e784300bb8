// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/commandfamily.h"
#include "app/cring/identitycommand.h"

namespace cring::app {

namespace {

void addText(CLI::App *command, const char *flag, const char *help,
             const std::shared_ptr<IdentityAdoptCommand::Options> &options,
             QString IdentityAdoptCommand::Options::*field)
{
    command
        ->add_option_function<std::string>(
            flag,
            [options, field](const std::string &text) { (*options).*field = QString::fromStdString(text); },
            help)
        ->type_name("HOST");
}

} // namespace

void addIdentityCommands(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *identity =
        app.add_subcommand("identity", "Your own Charm keys: the charm client keeps one for each host");
    identity->require_subcommand(1);

    CLI::App *list = addCommand(*identity, family, "list",
                                "The keys on this machine, the account of each, and who knows it");
    list->footer(
        "Each key is shown to the one server that the charm client shows it to: to that whose name it is "
        "kept under, or, when it has the ring's name alone, to the primary. A server makes an account "
        "for a key that it does not know.");
    const auto offline = std::make_shared<bool>(false);
    list->add_flag("--offline", *offline, "Ask no server");
    runs(list, family, [offline, family](const ServiceCommandContext &context) {
        return std::make_unique<IdentityListCommand>(context, family->options().config, *offline);
    });

    CLI::App *adopt =
        addCommand(*identity, family, "adopt",
                   "Give the ring's host name the key of a server's, so that you stay the same account");
    using Options = IdentityAdoptCommand::Options;
    const auto options = std::make_shared<Options>();
    addText(adopt, "--from", "Whose key; needed when the servers' names have different ones", options,
            &Options::from);
    addText(adopt, "--to", "The name that clients will use [default: that of this machine's ring]", options,
            &Options::to);
    adopt->add_flag(
        "--replace", options->replace,
        "Though another key is there; it and its key-value databases are kept beside the new one");
    adopt->add_flag("--yes", options->yes, "Do not ask");
    adopt->add_flag("--dry-run", options->dryRun, "Only say what would be done");
    runs(adopt, family, [options, family](const ServiceCommandContext &context) {
        return std::make_unique<IdentityAdoptCommand>(context, family->options().config, *options);
    });
    addRecoveryKitCommands(*identity, family);
}

} // namespace cring::app
