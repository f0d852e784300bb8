// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/command.h"
#include "app/cring/serve.h"
#include "app/cring/serverkeycheck.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "core/config/settings.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace cring::app {

namespace {

struct ServeOptions
{
    config::Sources flags; ///< Only what flags can set; the rest comes from the context.
    bool check = false;
    QString logFile; ///< "" = stderr.
};

QString text(const std::string &argument)
{
    return QString::fromStdString(argument);
}

/// The last of a repeated flag counts, as in the Go original.
CLI::Option *addText(CLI::App *command, const std::string &flags, const QString &placeholder,
                     const QString &help, std::function<void(const QString &)> take)
{
    return command
        ->add_option_function<std::string>(
            flags, [take](const std::string &value) { take(text(value)); }, help.toStdString())
        ->type_name(placeholder.toStdString())
        ->take_last();
}

QString helpOf(const config::Setting<config::Config> &row)
{
    const QString fallback = config::toPlain(row.read(config::Config{}));
    return QStringLiteral("%1 [%2%3]")
        .arg(QLatin1String(row.help),
             fallback.isEmpty() ? QString() : QStringLiteral("default %1; ").arg(fallback),
             row.environment());
}

QString placeholderOf(const config::SettingInfo &row)
{
    switch (row.type) {
    case config::Type::Count:
        return QStringLiteral("NUMBER");
    case config::Type::File:
        return QStringLiteral("PATH");
    case config::Type::Choice:
        return row.choiceList().join(QLatin1Char('|'));
    default:
        return row.typeName();
    }
}

/// CLI11 says what a flag's other form stands for: "--no-local-copy{false}".
class HelpFormatter final : public CLI::Formatter
{
public:
    std::string make_option_name(const CLI::Option *option, bool isPositional) const override
    {
        const std::string name = CLI::Formatter::make_option_name(option, isPositional);
        return QString::fromStdString(name).remove(QLatin1String("{false}")).toStdString();
    }
};

void addSettings(CLI::App *command, const std::shared_ptr<ServeOptions> &options)
{
    for (const auto &row : config::settings()) {
        if (*row.flag == '\0')
            continue;
        std::string names = row.flag;
        if (names == "--ssh-address")
            names += ",--ssh-proxy-address"; // As the Go original calls it.
        const QString key = row.key();
        if (row.type == config::Type::Switch) {
            names += ",!--no-" + names.substr(2);
            command->add_flag_function(
                names,
                [options, key](std::int64_t count) {
                    options->flags.flags.insert(key,
                                                count > 0 ? QStringLiteral("true") : QStringLiteral("false"));
                },
                helpOf(row).toStdString());
            continue;
        }
        const QString placeholder = placeholderOf(row);
        addText(command, names, placeholder, helpOf(row),
                [options, key](const QString &value) { options->flags.flags.insert(key, value); });
    }
}

void takeShorthand(config::Sources &flags, const std::string &flag, const QString &value)
{
    if (flag == "--host")
        // As CRING_HOST is written; no URL of a server has a comma. The original's flag did not split.
        flags.hosts += value.split(QLatin1Char(','), Qt::SkipEmptyParts);
    else if (flag == "--ssh-backend-port")
        flags.sshBackendPort = value;
    else if (flag == "--backup-url")
        flags.backupUrl = value;
    else if (flag == "--backup-bucket")
        flags.backupBucket = value;
    else if (flag == "--backup-zone")
        flags.backupZone = value;
}

void addShorthands(CLI::App *command, const std::shared_ptr<ServeOptions> &options)
{
    for (const config::Shorthand &row : config::shorthands()) {
        const std::string flag = row.flag;
        const QString help = QStringLiteral("%1 [%2]").arg(QLatin1String(row.help), row.environment());
        if (*row.value == '\0') {
            command->add_flag(flag, flag == "--debug" ? options->flags.debug : options->flags.disableAccounts,
                              help.toStdString());
            continue;
        }
        CLI::Option *option = command
                                  ->add_option_function<std::vector<std::string>>(
                                      flag,
                                      [options, flag](const std::vector<std::string> &values) {
                                          for (const std::string &value : values)
                                              takeShorthand(options->flags, flag, text(value));
                                      },
                                      help.toStdString())
                                  ->type_name(row.value)
                                  ->allow_extra_args(false);
        if (flag != "--host")
            option->take_last()->expected(1);
    }
}

/// The Go original listened on every address, and its command lines are still in use: a client on another
/// machine that is refused would have nobody tell it why.
void warnOfClosedDoors(const config::Loaded &loaded, const Output &out)
{
    QStringList closed;
    QStringList flags;
    const auto look = [&](const QString &key, const QString &what, const QString &at, const QString &flag) {
        if (loaded.originOf(key) != config::Origin::Default)
            return;
        closed.append(QStringLiteral("%1 (%2)").arg(what, at));
        flags.append(flag);
    };
    look(QStringLiteral("service.address"), QStringLiteral("HTTP"), loaded.config.address,
         QStringLiteral("--address :35354"));
    look(QStringLiteral("service.ssh_address"), QStringLiteral("SSH"), loaded.config.sshAddress,
         QStringLiteral("--ssh-address :35353"));
    if (!closed.isEmpty())
        out.warning(QStringLiteral(
                        "%1 can be reached from this machine alone, where the Go original listened on every "
                        "address; %2 opens it to the network")
                        .arg(closed.join(QStringLiteral(" and ")), flags.join(QLatin1Char(' '))));
}

int serve(const Context &context, const ServeOptions &options)
{
    const Output out = context.output();
    config::Sources sources = options.flags;
    const config::Sources common = context.sources();
    sources.environment = common.environment;
    sources.file = common.file;

    if (!options.logFile.isEmpty()) {
        if (const Status status = log::toFile(options.logFile); !status) {
            out.error(status.error().toString());
            return BadConfiguration;
        }
    }
    config::Loaded loaded = config::load(sources);
    // A service that runs says so in its status: its servers may have the key all the same.
    if (auto problem = options.check && loaded.ok() ? judgeServerKey(loaded.config) : std::nullopt)
        loaded.problems.append(*problem);
    report(loaded, out);
    if (!loaded.ok())
        return BadConfiguration;
    if (!options.flags.hosts.isEmpty())
        warnOfClosedDoors(loaded, out);
    if (options.check) {
        out.note(QStringLiteral("The configuration is good: %1, %2 of each file.")
                     .arg(words::counted(loaded.config.servers.size(), "server"),
                          words::counted(loaded.config.effectiveReplicas(), "copy", "copies")));
        return Ok;
    }
    log::install(log::levelOf(loaded.config.logLevel), log::formatOf(loaded.config.logFormat));
    return runServe(loaded, sources, out);
}

} // namespace

void addServe(CLI::App &app, Context &context)
{
    CLI::App *command = app.add_subcommand("serve", "Run the service in front of the Charm servers");
    command->footer("Flags come before environment variables, and these before the file.\n"
                    "`cring --host …` without a command means `cring serve --host …`.");
    const auto formatter = std::make_shared<HelpFormatter>();
    formatter->column_width(app.get_formatter()->get_column_width());
    command->formatter(formatter);
    const auto options = std::make_shared<ServeOptions>();
    addShorthands(command, options);
    addSettings(command, options);
    addText(command, "--log-file", QStringLiteral("FILE"),
            QStringLiteral("Write the log there: %1 MiB at most, and as much of the file before")
                .arg(log::largestFile / 1024 / 1024),
            [options](const QString &value) { options->logFile = value; });
    command->add_flag("--check", options->check,
                      "Check the configuration and exit: 0 when it is good, 4 when not");
    command->callback([&context, options] {
        context.run = [&context, options] {
            return serve(context, *options);
        };
    });
}

} // namespace cring::app
