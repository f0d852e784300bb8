// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/manual.h"

#include "app/cring/arguments.h"
#include "core/base/roff.h"

#include <CLI/CLI.hpp>

namespace cring::app {

namespace {

QString fromStd(const std::string &text)
{
    return QString::fromStdString(text);
}

/// "FILE", "debug|info", or "" for a switch.
QString placeholderOf(const CLI::Option &option)
{
    if (option.get_type_size() == 0)
        return {};
    QString name = fromStd(option.get_type_name());
    // CLI11 adds what checks the value: "TEXT:{debug,info}", "INT:NUMBER", "INT:INT in [1 - 65535]".
    const qsizetype colon = name.indexOf(u':');
    if (colon > 0 && name != QStringLiteral("HOST:PORT")) {
        const QString check = name.sliced(colon + 1);
        name = check.startsWith(u'{') ? check.sliced(1, check.size() - 2).replace(u',', u'|')
                                      : name.first(colon);
    }
    return name;
}

/// As help has it; the single name of one that is a flag as well is the flag's.
QString argumentName(const CLI::Option &positional)
{
    return fromStd(positional.get_name(true, false));
}

QString argumentOf(const CLI::Option &positional)
{
    QString name = roff::italic(argumentName(positional));
    if (positional.get_items_expected_max() > 1)
        name += QStringLiteral("...");
    return positional.get_required() ? name : u'[' + name + u']';
}

/// "-n, --lines N".
QString termOf(const CLI::Option &option)
{
    QStringList names;
    for (const std::string &name : option.get_snames())
        names << roff::bold(u'-' + fromStd(name));
    for (const std::string &name : option.get_lnames())
        names << roff::bold(QStringLiteral("--") + fromStd(name));
    const QString value = placeholderOf(option);
    return names.join(QStringLiteral(", ")) + (value.isEmpty() ? QString() : u' ' + roff::italic(value));
}

bool isEverywhere(const CLI::Option &option)
{
    return option.check_lname("help") || option.check_lname("control-socket");
}

QString helpOf(const CLI::Option &option)
{
    const QString help = fromStd(option.get_description());
    return option.get_required() && !option.get_positional() ? help + QStringLiteral(" (required)") : help;
}

QString options(const CLI::App &command, bool alsoCommon)
{
    QString out;
    for (const CLI::Option *option : command.get_options()) {
        if (option->get_group().empty() || (!alsoCommon && isEverywhere(*option)))
            continue;
        QStringList terms;
        if (option->get_positional())
            terms << roff::italic(argumentName(*option));
        if (option->nonpositional()) // Some are both.
            terms << termOf(*option);
        out += roff::entry(terms.join(QStringLiteral(", ")), helpOf(*option));
    }
    return out;
}

QString usage(const CLI::App &command)
{
    QString line = roff::bold(fullName(&command));
    for (const CLI::Option *option : command.get_options()) {
        if (!option->get_positional() && option->get_required())
            line += u' ' + termOf(*option);
    }
    const auto isOptional = [](const CLI::Option *option) {
        return !option->get_positional() && !option->get_required() && !isEverywhere(*option);
    };
    const auto all = command.get_options();
    if (std::any_of(all.begin(), all.end(), isOptional))
        line += QStringLiteral(" [options]");
    for (const CLI::Option *option : all) {
        if (option->get_positional())
            line += u' ' + argumentOf(*option);
    }
    return line;
}

/// What stands under its help; the examples are lines.
QString footer(const CLI::App &command)
{
    QString out;
    for (const QString &part :
         fromStd(command.get_footer()).split(QStringLiteral("\n\n"), Qt::SkipEmptyParts))
        out += part.contains(QStringLiteral("\n  ")) ? roff::verbatim(part) : roff::paragraph(part);
    return out;
}

QString commandSection(const CLI::App &command)
{
    const QList<const CLI::App *> below = shownCommands(command);
    QString out =
        roff::subsection(fullName(&command)) + roff::paragraph(fromStd(command.get_description()) + u'.');
    // A family alone may be a command, too: it lists.
    if (below.isEmpty() || command.get_require_subcommand_min() == 0)
        out += QStringLiteral(".PP\n") + usage(command) + u'\n';
    out += options(command, false) + footer(command);
    for (const CLI::App *child : below)
        out += commandSection(*child);
    return out;
}

QString files()
{
    return roff::section(QStringLiteral("Files")) +
           roff::entry(roff::italic(QStringLiteral("~/.config/charmedring/config.toml")),
                       QStringLiteral("A person's configuration, see charmedring.toml(5).")) +
           roff::entry(roff::italic(QStringLiteral("/etc/charmedring/config.toml")),
                       QStringLiteral("The system service's configuration.")) +
           roff::entry(roff::italic(QStringLiteral("~/.local/state/charmedring, /var/lib/charmedring")),
                       QStringLiteral("What the service knows, a person's and the system's.")) +
           roff::entry(roff::italic(QStringLiteral("$XDG_RUNTIME_DIR/charmedring/control.sock, "
                                                   "/run/charmedring/control.sock")),
                       QStringLiteral("Where the service answers; commands try them in this order. "
                                      "`--control-socket` names another one. The system service answers "
                                      "root and the group charmedring."));
}

QString environment()
{
    return roff::section(QStringLiteral("Environment")) +
           roff::entry(roff::bold(QStringLiteral("CRING_*")),
                       QStringLiteral("Settings, as charmedring.toml(5) names them; flags come before "
                                      "them.")) +
           roff::entry(roff::bold(QStringLiteral("NO_COLOR")),
                       QStringLiteral("Set, no output is coloured.")) +
           roff::entry(roff::bold(QStringLiteral("CRING_COREDUMP")),
                       QStringLiteral("Set, a crash may write a memory dump, which has keys in it.")) +
           roff::entry(roff::bold(QStringLiteral("AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
                                                 "AWS_SESSION_TOKEN")),
                       QStringLiteral("A bucket's keys, where the configuration says \"env\"."));
}

} // namespace

QList<const CLI::App *> shownCommands(const CLI::App &parent)
{
    QList<const CLI::App *> shown;
    for (const CLI::App *command :
         parent.get_subcommands([](const CLI::App *child) { return !child->get_group().empty(); }))
        shown.append(command);
    return shown;
}

QString manualPage(const CLI::App &app, const QString &version)
{
    QString out =
        roff::head(QStringLiteral("cring"), 1, version,
                   QStringLiteral("one Charm server that keeps every file on several")) +
        roff::section(QStringLiteral("Synopsis")) +
        QStringLiteral("%1 [options] %2 ...\n")
            .arg(roff::bold(QStringLiteral("cring")), roff::italic(QStringLiteral("command"))) +
        roff::section(QStringLiteral("Description")) +
        roff::paragraph(QStringLiteral(
            "`cring serve` is a proxy that looks like one Charm server, over HTTP and SSH, and keeps "
            "every file on several real ones: a write is acknowledged when more than half of them "
            "have it. The other commands look at a running service and steer it.")) +
        roff::section(QStringLiteral("Options")) + options(app, true) +
        roff::paragraph(QStringLiteral("These may stand before or after the command. Commands that "
                                       "speak to the service also take `--control-socket` FILE.")) +
        roff::section(QStringLiteral("Commands"));
    for (const CLI::App *command : shownCommands(app))
        out += commandSection(*command);
    return out + roff::section(QStringLiteral("Examples and exit codes")) + footer(app) + environment() +
           files() + roff::section(QStringLiteral("See also")) +
           roff::paragraph(QStringLiteral("`charmedring`(1), `charmedring.toml`(5)"));
}

} // namespace cring::app
