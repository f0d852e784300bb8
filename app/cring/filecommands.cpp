// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/commandfamily.h"
#include "app/cring/exportcommand.h"
#include "app/cring/importcommand.h"
#include "core/service/signals.h"

namespace cring::app {

namespace {

void addText(CLI::App *command, const char *flag, QString *value, const std::shared_ptr<void> &owner,
             const char *type, const char *help)
{
    command
        ->add_option_function<std::string>(
            flag, [value, owner](const std::string &text) { *value = QString::fromStdString(text); }, help)
        ->type_name(type);
}

template <typename Command, typename Options>
void runsUntilInterrupted(CLI::App *command, const CommandFamilyPtr &family,
                          const std::shared_ptr<Options> &options)
{
    command->callback([family, options] {
        family->run = [family, options] {
            service::UnixSignals signals;
            Command running(family->context(), family->options().config, *options);
            QObject::connect(&signals, &service::UnixSignals::terminated, &running, &Command::interrupt);
            return running.run();
        };
    });
}

void addExport(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *command =
        addCommand(app, family, "export", "All your files in plaintext, names and all, into a folder here");
    command->footer("Files are read through the running ring and opened here, with your own Charm key; the "
                    "service sees neither key nor plaintext. What is there already is compared with what "
                    "the ring has, and stays when it is the same, so that an export that was ended can be "
                    "run again. Exits with 3 when something was left out, and says "
                    "what and why.");
    const auto options = std::make_shared<ExportCommand::Options>();
    command
        ->add_option_function<std::string>(
            "DIR", [options](const std::string &text) { options->folder = QString::fromStdString(text); },
            "Where to; it is made when it is not there")
        ->required();
    addText(command, "--path", &options->path, options, "PATH",
            "Of this file or folder only, by its plain name");
    addText(command, "--identity", &options->host, options, "HOST",
            "With the key that the charm client keeps for this host [default: identity.key]");
    command->add_flag("--overwrite", options->overwrite, "Replace files here that differ");
    command->add_flag("--dry-run", options->dryRun, "Only say what would be done");
    runsUntilInterrupted<ExportCommand>(command, family, options);
}

void addImport(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *command =
        addCommand(app, family, "import", "A plain folder of this machine into the ring, encrypted here");
    command->footer(
        "Names and contents are encrypted with your own Charm key, as the charm client does it, and "
        "go through the running ring. What is there already and is the same stays. Exits with 3 "
        "when something was left out (links, devices, names too long), and says what and why.");
    const auto options = std::make_shared<ImportCommand::Options>();
    command
        ->add_option_function<std::string>(
            "DIR", [options](const std::string &text) { options->folder = QString::fromStdString(text); },
            "What is to be imported: all that is in it")
        ->required();
    addText(command, "--into", &options->into, options, "FOLDER",
            "Into this folder of the ring, by its plain name; it is made when it is not there");
    addText(command, "--identity", &options->host, options, "HOST",
            "With the key that the charm client keeps for this host [default: identity.key]");
    command->add_flag("--overwrite", options->overwrite, "Replace files in the ring that differ");
    command->add_flag("--dry-run", options->dryRun, "Only say what would be done");
    runsUntilInterrupted<ImportCommand>(command, family, options);
}

} // namespace

void addFileCommands(CLI::App &app, const CommandFamilyPtr &family)
{
    addExport(app, family);
    addImport(app, family);
}

} // namespace cring::app
