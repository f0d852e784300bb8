// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/arguments.h"

#include "core/config/nearest.h"

#include <CLI/CLI.hpp>

namespace cring::app {

namespace {

bool isFlag(const std::string &argument)
{
    return argument.size() > 1 && argument.front() == '-';
}

/// The option of a command or of those around it; nullptr when it has none of that name.
const CLI::Option *optionOf(const CLI::App *command, const std::string &argument)
{
    const std::string name = argument.substr(0, argument.find('='));
    for (; command; command = command->get_parent()) {
        for (const CLI::Option *option : command->get_options()) {
            if (option->check_name(name))
                return option;
        }
    }
    return nullptr;
}

/// --flag VALUE in two arguments.
bool takesNext(const CLI::Option *option, const std::string &argument)
{
    return option && option->get_items_expected_max() > 0 && argument.find('=') == std::string::npos;
}

const CLI::App *childNamed(const CLI::App *command, const std::string &name)
{
    const auto children =
        command->get_subcommands([&](const CLI::App *child) { return child->check_name(name); });
    return children.empty() ? nullptr : children.front();
}

QString suggestion(const QString &word, const QStringList &known)
{
    const QString near = config::nearest(word, known);
    return near.isEmpty() ? QString() : QStringLiteral("; did you mean \"%1\"?").arg(near);
}

} // namespace

std::vector<std::string> withImpliedServe(const CLI::App &app, std::vector<std::string> arguments)
{
    const CLI::App *serve = childNamed(&app, "serve");
    for (size_t i = 0; i < arguments.size() && isFlag(arguments[i]); ++i) {
        const CLI::Option *option = optionOf(&app, arguments[i]);
        if (!option && optionOf(serve, arguments[i])) {
            arguments.insert(arguments.begin(), "serve");
            break;
        }
        if (takesNext(option, arguments[i]))
            ++i;
    }
    return arguments;
}

std::optional<QString> unknownCommand(const CLI::App &app, const std::vector<std::string> &arguments)
{
    const CLI::App *command = &app;
    for (size_t i = 0; i < arguments.size(); ++i) {
        if (isFlag(arguments[i])) {
            if (takesNext(optionOf(command, arguments[i]), arguments[i]))
                ++i;
            continue;
        }
        const auto children = command->get_subcommands([](const CLI::App *) { return true; });
        if (children.empty())
            return std::nullopt; // From here on the words are the command's own arguments.
        const CLI::App *child = childNamed(command, arguments[i]);
        if (!child) {
            QStringList names;
            for (const CLI::App *known : children)
                names.append(QString::fromStdString(known->get_name()));
            const QString word = QString::fromStdString(arguments[i]);
            return QStringLiteral("%1 has no command \"%2\"%3")
                .arg(fullName(command), word, suggestion(word, names));
        }
        command = child;
    }
    return std::nullopt;
}

std::optional<QString> unknownFlag(const CLI::App &app)
{
    const CLI::App *command = chosen(app);
    for (const std::string &argument : app.remaining(true)) {
        if (!isFlag(argument))
            continue;
        QStringList names;
        for (const CLI::App *at = command; at; at = at->get_parent()) {
            for (const CLI::Option *option : at->get_options()) {
                for (const std::string &name : option->get_lnames())
                    names.append(QStringLiteral("--") + QString::fromStdString(name));
            }
        }
        const QString word = QString::fromStdString(argument.substr(0, argument.find('=')));
        return QStringLiteral("%1 has no flag %2%3").arg(fullName(command), word, suggestion(word, names));
    }
    return std::nullopt;
}

const CLI::App *chosen(const CLI::App &app)
{
    const CLI::App *command = &app;
    for (auto parsed = command->get_subcommands(); !parsed.empty(); parsed = command->get_subcommands())
        command = parsed.front();
    return command;
}

QString fullName(const CLI::App *command)
{
    const QString name = QString::fromStdString(command->get_name());
    return command->get_parent() ? fullName(command->get_parent()) + QLatin1Char(' ') + name : name;
}

} // namespace cring::app
