// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/command.h"
#include "app/cring/commandfamily.h"
#include "app/cring/diagnosecommand.h"

namespace cring::app {

void addDiagnose(CLI::App &app, Context &context)
{
    const auto family = std::make_shared<CommandFamily>(
        CommandFamily{[&context] { return serviceOptions(context); }, context.run, {}});
    CLI::App *command = addCommand(app, family, "diagnose",
                                   "One archive for a bug report, redacted, with its contents named first");

    struct Words
    {
        std::string file;
        bool show = false;
        bool yes = false;
    };

    const auto words = std::make_shared<Words>();
    command->add_option("--out", words->file, "The file to write [default cring-diagnosis-TIME.tar.gz]")
        ->type_name("FILE");
    command->add_flag("--show", words->show, "Print all that would be in it, and write nothing");
    command->add_flag("--yes", words->yes, "Do not ask");
    runs(command, family, [&context, words](const ServiceCommandContext &service) {
        return std::make_unique<DiagnoseCommand>(
            service, config::load(context.sources()),
            DiagnoseCommand::Options{QString::fromStdString(words->file), words->show, words->yes});
    });
}

} // namespace cring::app
