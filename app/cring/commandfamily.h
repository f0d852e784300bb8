// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"
#include "app/cring/servicecommands.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace cring::app {

/// What every command that talks to the service is built with. Shared by their callbacks.
struct CommandFamily
{
    std::function<ServiceOptions()> options;
    std::function<int()> &run;
    std::string socket; ///< --control-socket of the command that was given.

    ServiceCommandContext context() const;
};

using CommandFamilyPtr = std::shared_ptr<CommandFamily>;

CLI::App *addCommand(CLI::App &parent, const CommandFamilyPtr &family, const char *name, const char *help);

/// Has the program run what `make` makes from a context.
template <typename Make>
void runs(CLI::App *command, const CommandFamilyPtr &family, Make make)
{
    command->callback([family, make] {
        family->run = [family, make] {
            return make(family->context())->run();
        };
    });
}

/// A family of commands about something that can be listed. Without a command it lists: see listsWhenBare().
CLI::App *addListFamily(CLI::App &parent, const CommandFamilyPtr &family, const char *name, const char *help);

template <typename Make>
void listsWhenBare(CLI::App *parent, const CommandFamilyPtr &family, Make make)
{
    parent->callback([parent, family, make] {
        if (!parent->get_subcommands().empty())
            return;
        family->run = [family, make] {
            return make(family->context())->run();
        };
    });
}

template <typename Command>
void listsWhenBare(CLI::App *parent, const CommandFamilyPtr &family)
{
    listsWhenBare(parent, family,
                  [](const ServiceCommandContext &context) { return std::make_unique<Command>(context); });
}

/// For the number of a job or a version: 1, 2 or more.
CLI::Validator wholeNumber();

/// A command without options.
template <typename Command>
void addPlain(CLI::App &parent, const CommandFamilyPtr &family, const char *name, const char *help)
{
    runs(addCommand(parent, family, name, help), family,
         [](const ServiceCommandContext &context) { return std::make_unique<Command>(context); });
}

/// The families, in the order of `cring --help`.
void addServerCommands(CLI::App &app, const CommandFamilyPtr &family);
void addIdentityCommands(CLI::App &app, const CommandFamilyPtr &family);
void addAccountCommands(CLI::App &app, const CommandFamilyPtr &family);
void addContentCommands(CLI::App &app, const CommandFamilyPtr &family);
void addBackupCommands(CLI::App &app, const CommandFamilyPtr &family);
/// `cring identity recovery-kit` and `cring backup recover`, into those families.
void addRecoveryKitCommands(CLI::App &identity, const CommandFamilyPtr &family);
void addRecoverCommand(CLI::App &backup, const CommandFamilyPtr &family);
/// `cring backup add|edit|remove|check`, into that family.
void addBackupPlaceCommands(CLI::App &backup, const CommandFamilyPtr &family);
/// `cring export` and `cring import`.
void addFileCommands(CLI::App &app, const CommandFamilyPtr &family);
void addJobCommands(CLI::App &app, const CommandFamilyPtr &family);
void addNotifyCommands(CLI::App &app, const CommandFamilyPtr &family);

} // namespace cring::app
