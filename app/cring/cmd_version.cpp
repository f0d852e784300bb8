// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/command.h"

#include <CLI/CLI.hpp>

namespace cring::app {

void addVersion(CLI::App &app, Context &context)
{
    CLI::App *command = app.add_subcommand("version", "Print the version");
    command->callback([&context] {
        context.run = [&context] {
            const Output out = context.output();
            if (out.isJson())
                out.json({{QStringLiteral("version"), QStringLiteral(CRING_VERSION)},
                          {QStringLiteral("qt"), QString(QLatin1String(qVersion()))}});
            else
                out.line(QStringLiteral("cring " CRING_VERSION));
            return Ok;
        };
    });
}

} // namespace cring::app
