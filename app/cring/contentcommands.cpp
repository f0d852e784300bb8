// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/blobscommand.h"
#include "app/cring/commandfamily.h"
#include "app/cring/findingscommand.h"
#include "app/cring/queuecommand.h"

namespace cring::app {

namespace {

QString text(const std::shared_ptr<std::string> &value)
{
    return QString::fromStdString(*value);
}

template <typename Command>
void addOfServer(CLI::App &parent, const CommandFamilyPtr &family, const char *name, const char *help)
{
    CLI::App *command = addCommand(parent, family, name, help);
    const auto server = std::make_shared<std::string>();
    command->add_option("--server", *server, "Of this server only")->type_name("NAME");
    runs(command, family, [server](const ServiceCommandContext &context) {
        return std::make_unique<Command>(context, text(server));
    });
}

void addQueue(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *queue =
        addListFamily(app, family, "queue", "What servers have missed, and get as soon as they can");
    listsWhenBare(queue, family, [](const ServiceCommandContext &context) {
        return std::make_unique<QueueListCommand>(context, QString());
    });
    addOfServer<QueueListCommand>(*queue, family, "list", "What is owed to whom, since when, and why");
    addOfServer<QueueRetryCommand>(*queue, family, "retry", "Try all of it now, instead of waiting");
}

template <typename Command>
void addOfAccount(CLI::App &parent, const CommandFamilyPtr &family, const char *name, const char *help,
                  const char *place, const char *placeHelp, bool needed)
{
    CLI::App *command = addCommand(parent, family, name, help);
    const auto account = std::make_shared<std::string>();
    const auto path = std::make_shared<std::string>();
    command->add_option("--account", *account, "Of this account (its charm id)")->type_name("ID");
    command->add_option(place, *path, placeHelp)->required(needed);
    runs(command, family, [account, path](const ServiceCommandContext &context) {
        return std::make_unique<Command>(context, text(account), text(path));
    });
}

void addBlobs(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *blobs =
        addListFamily(app, family, "blobs", "The files that the ring knows, and where their copies are");
    listsWhenBare(blobs, family, [](const ServiceCommandContext &context) {
        return std::make_unique<BlobsListCommand>(context, QString(), QString());
    });
    addOfAccount<BlobsListCommand>(
        *blobs, family, "list", "Files and folders, by path", "PREFIX",
        "Paths that begin so; with the account's id before, unless there is only one", false);
    addOfAccount<BlobsWhereCommand>(*blobs, family, "where",
                                    "Where the copies of one file are, and how they are", "PATH",
                                    "As `blobs list` shows it", true);
}

void addConflict(CLI::App &parent, const CommandFamilyPtr &family, ConflictCommand::What what,
                 const char *name, const char *help)
{
    CLI::App *command = addCommand(parent, family, name, help);
    const auto options = std::make_shared<ConflictCommand::Options>();
    options->what = what;
    command->add_option("ID", options->id, "As `conflicts list` shows it")->required()->check(wholeNumber());
    command->add_flag("--dry-run", options->dryRun, "Only say what would be done");
    if (what == ConflictCommand::What::Discard)
        command->add_flag("--yes", options->yes, "Do not ask");
    runs(command, family, [options](const ServiceCommandContext &context) {
        return std::make_unique<ConflictCommand>(context, *options);
    });
}

} // namespace

void addContentCommands(CLI::App &app, const CommandFamilyPtr &family)
{
    addQueue(app, family);
    addBlobs(app, family);
    CLI::App *conflicts = addListFamily(app, family, "conflicts", "Versions of files that were kept aside");
    listsWhenBare<ConflictsListCommand>(conflicts, family);
    addPlain<ConflictsListCommand>(*conflicts, family, "list", "All of them, by path");
    addConflict(*conflicts, family, ConflictCommand::What::Choose, "choose",
                "Make a kept version the one that holds; the other is kept");
    addConflict(*conflicts, family, ConflictCommand::What::Discard, "discard",
                "Throw a kept version away for good");
    addAccountCommands(app, family);
    CLI::App *findings = addListFamily(app, family, "findings", "What was found that a person has to decide");
    listsWhenBare<FindingsListCommand>(findings, family);
    addPlain<FindingsListCommand>(*findings, family, "list", "All of it, by path");
}

} // namespace cring::app
