// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/arguments.h"
#include "app/cring/command.h"
#include "app/cring/examples.h"
#include "core/base/log.h"

#include <QCoreApplication>

#include <CLI/CLI.hpp>
#include <sys/prctl.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

using namespace cring;

namespace {

constexpr const char *kFooter = R"(Examples:
  cring --host http://charm1:35354 --host http://charm2:35354 --host http://charm3:35354
  cring serve --config /etc/charmedring.toml --check
  cring config show
  CHARM_HOST=localhost charm fs ls charm:    (a client, through the ring)

`cring COMMAND --help` explains a command; `cring serve --help` lists the service's settings.
Exit codes: 0 ok, 1 failed, 2 usage, 3 partly done, 4 bad configuration, 5 no service, 6 done with
findings, 7 no quorum, 10 not found, 12 credentials, 130 interrupted.)";

/// Keys are in memory: neither a crash nor a debugger of the same user writes them to a disk (prctl(2),
/// PR_SET_DUMPABLE; ssh-agent does the same). Who wants the dump of a crash says so.
void keepMemoryPrivate()
{
    if (!qEnvironmentVariableIsSet("CRING_COREDUMP"))
        ::prctl(PR_SET_DUMPABLE, 0);
}

void addCommonOptions(CLI::App &app, app::Context &context)
{
    app.add_option("--config", context.configFile,
                   "Configuration file [default $XDG_CONFIG_HOME/charmedring/config.toml]")
        ->type_name("FILE")
        ->take_last();
    app.add_flag("--json", context.json,
                 "Print data as JSON: one document, or, for what takes its time, a line for each step and a "
                 "last one with the summary. Errors stay text, on standard error");
    app.add_flag("--quiet", context.quiet, "Print no progress and no advice");
    app.add_flag("--no-color", context.noColour, "No colours; NO_COLOR does the same");
    app.set_version_flag("--version", "cring " CRING_VERSION, "Print the version and exit");
}

int usageError(const CLI::App &app, const app::Context &context, const QString &message)
{
    context.output().error(
        QStringLiteral("%1\nTry `%2 --help`.").arg(message, app::fullName(app::chosen(app))));
    return app::Usage;
}

/// The exit code, when the arguments already decide it: help was asked for, or they are wrong.
std::optional<int> parse(CLI::App &app, const app::Context &context, std::vector<std::string> arguments)
{
    arguments = app::withImpliedServe(app, std::move(arguments));
    try {
        // CLI11 takes them from the back, and off.
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        app.parse(reversed);
    } catch (const CLI::Success &asked) {
        app.exit(asked);
        return app::Ok;
    } catch (const CLI::ParseError &wrong) {
        const auto command = app::unknownCommand(app, arguments);
        const auto flag = command ? command : app::unknownFlag(app);
        return usageError(app, context, flag ? *flag : QString::fromUtf8(wrong.what()));
    }
    return std::nullopt;
}

/// What was printed is half of the answer: a full disk must not look like success.
int afterWriting(const app::Context &context, int code)
{
    errno = 0;
    const bool flushed = std::fflush(stdout) == 0;
    if (flushed && std::ferror(stdout) == 0)
        return code;
    if (app::Terminal::isClosedPipe(stdout))
        return code;
    const QString reason =
        errno != 0 ? QStringLiteral(": ") + QString::fromLocal8Bit(std::strerror(errno)) : QString();
    context.output().error(QStringLiteral("the output could not be written%1").arg(reason));
    return code == app::Ok ? app::Failed : code;
}

} // namespace

int main(int argc, char **argv)
{
    keepMemoryPrivate();
    // Before Qt's first message, which is about the locale and nobody's concern.
    log::install(log::Level::Error);
    // Qt's own dispatcher: GLib's is woken by a write to a pipe for every queued call and every change of a
    // notifier, a third of all system calls under load.
    qputenv("QT_NO_GLIB", "1");
    QCoreApplication qt(argc, argv);
    log::install(log::Level::Warning);

    CLI::App app("Charmed Ring: one Charm server that keeps every file on several.", "cring");
    app::Context context;
    app.fallthrough();
    app.require_subcommand(1);
    app.get_formatter()->column_width(34);
    addCommonOptions(app, context);
    for (const app::AddCommand add : app::commands())
        add(app, context);
    // Not before: commands would take it over.
    app.footer(kFooter);
    app::addExamples(app);

    if (argc == 1) {
        std::fputs(app.help().c_str(), stderr);
        return app::Usage;
    }
    if (const auto code = parse(app, context, std::vector<std::string>(argv + 1, argv + argc)))
        return afterWriting(context, *code);
    return afterWriting(context, context.run());
}
