// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cring::app {

/// `cring --host …` means `cring serve --host …`: the arguments with the word put in where only serve's flags
/// explain them. arguments is without the program's name.
std::vector<std::string> withImpliedServe(const CLI::App &app, std::vector<std::string> arguments);

/// For a word where a command should stand: a message that names the nearest one. Nothing when all commands
/// are known.
std::optional<QString> unknownCommand(const CLI::App &app, const std::vector<std::string> &arguments);

/// For flags that the chosen command does not have: a message with the nearest. Nothing when all are known.
std::optional<QString> unknownFlag(const CLI::App &app);

/// The innermost command that was given: the one whose help fits.
const CLI::App *chosen(const CLI::App &app);

/// "cring config set".
QString fullName(const CLI::App *command);

} // namespace cring::app
