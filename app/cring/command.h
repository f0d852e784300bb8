// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/exitcode.h"
#include "app/cring/output.h"
#include "app/cring/servicecommands.h"
#include "core/base/result.h"
#include "core/config/load.h"

#include <functional>
#include <span>
#include <string>

namespace CLI {
class App;
}

namespace cring::app {

/// What all commands share. Lives from before the arguments are read until the program ends.
struct Context
{
    // The common options; filled in before run is called.
    bool json = false;
    bool quiet = false;
    bool noColour = false;
    std::string configFile; ///< --config; "" = the default one.

    /// Set by the chosen command's callback; gives the exit code. Called once the arguments are known to be
    /// right.
    std::function<int()> run;

    Output output() const;
    /// The environment and --config, without flags.
    config::Sources sources() const;
    /// The configuration file, whether it is there or not.
    QString configPath() const;
};

/// Adds a family's commands to the parser; their callbacks set Context::run and do no work themselves.
using AddCommand = void (*)(CLI::App &app, Context &context);

/// Every family, in the order of `cring --help`: the one place where a new one is named.
std::span<const AddCommand> commands();

void addServe(CLI::App &app, Context &context);
void addService(CLI::App &app, Context &context);
void addConfig(CLI::App &app, Context &context);
void addRing(CLI::App &app, Context &context);
void addReplicas(CLI::App &app, Context &context);
void addDemo(CLI::App &app, Context &context);
void addDiagnose(CLI::App &app, Context &context);
void addCompletion(CLI::App &app, Context &context);
void addVersion(CLI::App &app, Context &context);

/// For commands that talk to the service.
ServiceOptions serviceOptions(const Context &context);

/// Each problem as an error line, then the warnings.
void report(const config::Loaded &loaded, const Output &out);

/// No problem but that something is still missing: good enough for looking at the settings.
bool isReadable(const config::Loaded &loaded);

} // namespace cring::app
