// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/commandfamily.h"

#include "core/control/socketpath.h"

#include <unistd.h>

#include <cstdio>

namespace cring::app {

namespace {

/// Before anything is under way: waiting for a person holds up nobody.
bool ask(const QString &question)
{
    const QByteArray text = (question + QStringLiteral(" [y/N] ")).toUtf8();
    std::fwrite(text.constData(), 1, static_cast<size_t>(text.size()), stderr);
    std::fflush(stderr);
    char answer[16] = {};
    if (!std::fgets(answer, sizeof answer, stdin))
        return false;
    return answer[0] == 'y' || answer[0] == 'Y';
}

} // namespace

ServiceCommandContext CommandFamily::context() const
{
    const ServiceOptions given = options();
    QString path = QString::fromStdString(socket);
    if (path.isEmpty())
        path = given.socket;
    const QStringList sockets =
        path.isEmpty() ? control::SocketPlaces::ofThisProcess().clientPaths() : QStringList(path);
    ServiceCommandContext context{Terminal::ofProcess(!given.color, given.quiet), sockets, given.json,
                                  given.quiet};
    if (::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0)
        context.confirm = ask;
    return context;
}

CLI::App *addListFamily(CLI::App &parent, const CommandFamilyPtr &family, const char *name, const char *help)
{
    CLI::App *command = addCommand(parent, family, name, help);
    command->require_subcommand(0, 1);
    return command;
}

CLI::Validator wholeNumber()
{
    return CLI::Validator(
        [](const std::string &text) {
            bool ok = false;
            const qlonglong number = QString::fromStdString(text).toLongLong(&ok);
            return ok && number > 0
                       ? std::string()
                       : '"' + text + "\" is no number: write 1, 2 or more, as the list shows it";
        },
        "NUMBER");
}

CLI::App *addCommand(CLI::App &parent, const CommandFamilyPtr &family, const char *name, const char *help)
{
    CLI::App *command = parent.add_subcommand(name, help);
    command
        ->add_option("--control-socket", family->socket,
                     "The service's socket, when it is not where the configuration says")
        ->type_name("FILE");
    return command;
}

} // namespace cring::app
