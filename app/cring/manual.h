// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace CLI {
class App;
} // namespace CLI

namespace cring::app {

/// cring(1): every command below `app` with its options, from what `--help` shows. `app` is complete, its
/// examples too.
QString manualPage(const CLI::App &app, const QString &version);

/// The commands, or families of them, below a command that are shown to people, in the order of `--help`.
QList<const CLI::App *> shownCommands(const CLI::App &parent);

} // namespace cring::app
