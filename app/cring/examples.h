// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace CLI {
class App;
} // namespace CLI

namespace cring::app {

/// Puts examples under the help of every command below `app`, each its own, after what its footer says
/// already.
void addExamples(CLI::App &app);

} // namespace cring::app
