// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>

namespace CLI {
class App;
} // namespace CLI

namespace cring::app {

/// Adds demo. Parsing a command line with it sets `chosen` to what main() then runs, with a QCoreApplication
/// there; its result is the exit code. `chosen` must outlive the app.
void addDemoCommand(CLI::App &app, std::function<int()> &chosen);

} // namespace cring::app
