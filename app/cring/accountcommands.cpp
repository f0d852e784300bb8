// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/accountchangecommand.h"
#include "app/cring/commandfamily.h"

namespace cring::app {

namespace {

/// Has the option's text land in a field.
template <typename Options>
CLI::Option *addText(CLI::App *command, const char *flag, const char *type, const char *help,
                     const std::shared_ptr<Options> &options, QString Options::*field)
{
    return command
        ->add_option_function<std::string>(
            flag,
            [options, field](const std::string &text) { (*options).*field = QString::fromStdString(text); },
            help)
        ->type_name(type);
}

void addShow(CLI::App &parent, const CommandFamilyPtr &family)
{
    CLI::App *command = addCommand(parent, family, "show", "One account: its keys, and which server has it");
    const auto account = std::make_shared<std::string>();
    command->add_option("ACCOUNT", *account, "Its charm id or its name")->required();
    runs(command, family, [account](const ServiceCommandContext &context) {
        return std::make_unique<AccountShowCommand>(context, QString::fromStdString(*account));
    });
}

void addCreate(CLI::App &parent, const CommandFamilyPtr &family)
{
    using Options = AccountCreateCommand::Options;
    CLI::App *command = addCommand(parent, family, "create", "Make an account on all servers");
    const auto options = std::make_shared<Options>();
    CLI::Option *key = addText(command, "--key", "FILE",
                               "The person's public key, as charm_ed25519.pub has it; - for standard input",
                               options, &Options::key);
    CLI::Option *from =
        addText(command, "--from", "FILE", "Bring back an account that `disable --export` has written",
                options, &Options::from);
    key->excludes(from);
    addText(command, "--name", "NAME", "Its name: 1 to 50 letters and digits", options, &Options::name);
    command->add_flag("--dry-run", options->dryRun, "Only say what would be done");
    command->parse_complete_callback([options] {
        if (options->key.isEmpty() && options->from.isEmpty())
            throw CLI::ValidationError("create", "say whose account: --key FILE, or --from FILE");
    });
    runs(command, family, [options](const ServiceCommandContext &context) {
        return std::make_unique<AccountCreateCommand>(context, *options);
    });
}

void addDisable(CLI::App &parent, const CommandFamilyPtr &family)
{
    using Options = AccountDisableCommand::Options;
    CLI::App *command = addCommand(parent, family, "disable",
                                   "Take an account away from all servers; says what that means, and asks");
    const auto options = std::make_shared<Options>();
    addText(command, "ACCOUNT", "", "Its charm id or its name", options, &Options::account)->required();
    addText(command, "--export", "FILE", "Write the account into this file first, so that it can come back",
            options, &Options::exportTo);
    command->add_flag("--yes", options->yes, "Do not ask");
    command->add_flag("--dry-run", options->dryRun, "Only say what would be done");
    runs(command, family, [options](const ServiceCommandContext &context) {
        return std::make_unique<AccountDisableCommand>(context, *options);
    });
}

} // namespace

void addAccountCommands(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *people = addListFamily(app, family, "accounts", "Who has an account at the servers");
    listsWhenBare<AccountsListCommand>(people, family);
    addPlain<AccountsListCommand>(*people, family, "list",
                                  "All of them, as the servers were last made equal");
    addPlain<AccountsSyncCommand>(*people, family, "sync", "Make the servers equal now, instead of soon");
    addShow(*people, family);
    addCreate(*people, family);
    addDisable(*people, family);
}

} // namespace cring::app
