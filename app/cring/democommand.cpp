// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/democommand.h"

#include "app/cring/demo.h"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <memory>

namespace cring::app {

void addDemoCommand(CLI::App &app, std::function<int()> &chosen)
{
    CLI::App *command =
        app.add_subcommand("demo", "Three real Charm servers and a ring on loopback: see what it does");
    command->footer(
        "Exit codes: 0 everything went as it should, and Ctrl-C ended it while it stayed up; 1 something\n"
        "did not; 130 Ctrl-C before everything was shown.");
    const auto file = std::make_shared<std::string>();
    const auto check = std::make_shared<bool>(false);
    command->add_flag("--check", *check,
                      "Run through and end; exit with 1 when something is not as it should be");
    command->add_option("--file", *file, "What to copy in, instead of README.md")->type_name("FILE");
    command->callback([&chosen, file, check] {
        chosen = [file, check] {
            DemoOptions options;
            options.check = *check;
            options.file = QString::fromStdString(*file);
            options.color = ::isatty(STDOUT_FILENO) && !qEnvironmentVariableIsSet("NO_COLOR");
            return Demo(options).run();
        };
    });
}

} // namespace cring::app
