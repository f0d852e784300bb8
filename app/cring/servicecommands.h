// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"

#include <QString>

#include <functional>

namespace CLI {
class App;
} // namespace CLI

namespace cring::app {

/// What the flags of the whole program and the configuration say to all commands that talk to the service.
struct ServiceOptions
{
    bool json = false;
    bool quiet = false;    ///< No progress, no advice.
    bool color = true;     ///< Where stdout takes it.
    QString socket;        ///< Configured; empty: where the service is looked for by default.
    QString configFile;    ///< To be changed, when no service runs that names another.
    config::Config config; ///< What it says, as far as it is good.
};

/// Adds every command that talks to the service. Parsing a command line with one of them
/// sets `run` to what is then to be run, with a QCoreApplication there; its result is the exit code.
/// `options` is asked only then. `run` must outlive the app.
void addServiceCommands(CLI::App &app, std::function<ServiceOptions()> options, std::function<int()> &run);

} // namespace cring::app
