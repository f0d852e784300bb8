// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <string>

namespace CLI {
class App;
} // namespace CLI

namespace cring::app {

/// What was given before the command, or with it, and is the same for all that talk to the service.
struct ServiceOptions
{
    std::string socket;   ///< --control-socket; empty: where the service is looked for by default.
    bool json = false;    ///< --json
    bool noColor = false; ///< --no-color
};

/// Adds status, backends list|show|test, log, reload, drain and stop. Parsing a command line with one of them
/// sets `chosen` to what main() then runs, with a QCoreApplication there; its result is the exit code.
/// `options` is read at that time, so that flags of the whole program may fill it too. Both must outlive the
/// app.
void addServiceCommands(CLI::App &app, ServiceOptions &options, std::function<int()> &chosen);

} // namespace cring::app
