// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/command.h"
#include "app/cring/democommand.h"
#include "app/cring/servicecommands.h"

namespace cring::app {

ServiceOptions serviceOptions(const Context &context)
{
    // A file that is wrong elsewhere may still say where the service listens; a bad one is `cring config`'s
    // to tell.
    const config::Loaded loaded = config::load(context.sources());
    return {context.json,         context.quiet, !context.noColour, loaded.config.controlSocket,
            context.configPath(), loaded.config};
}

void addService(CLI::App &app, Context &context)
{
    addServiceCommands(
        app, [&context] { return serviceOptions(context); }, context.run);
}

void addDemo(CLI::App &app, Context &context)
{
    addDemoCommand(app, context.run);
}

} // namespace cring::app
