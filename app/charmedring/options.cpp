// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charmedring/options.h"

#include "core/base/roff.h"

#include <QCommandLineParser>
#include <QCoreApplication>

#include <array>

namespace cring::app {

namespace {

constexpr const char *kDescription =
    QT_TRANSLATE_NOOP("main", "The window and the tray icon of Charmed Ring.");

constexpr auto kOptions = std::to_array<WindowOption>({
    {backgroundOption, "", "", QT_TRANSLATE_NOOP("main", "Show the tray icon only.")},
    {appearanceOption, "colours", "system", QT_TRANSLATE_NOOP("main", "Colours: system, light or dark.")},
    {socketOption, "path", "", QT_TRANSLATE_NOOP("main", "Where the service listens.")},
    {configOption, "file", "",
     QT_TRANSLATE_NOOP("main", "The configuration file of a service that is started here.")},
});

QString text(const char *latin)
{
    return QString::fromLatin1(latin);
}

QString options()
{
    QString out;
    for (const WindowOption &option : kOptions) {
        QString term = roff::bold(QStringLiteral("--") + text(option.name));
        if (*option.value != '\0')
            term += u' ' + roff::italic(text(option.value).toUpper());
        QString help = text(option.help);
        if (*option.fallback != '\0')
            help += QStringLiteral(" Default: `%1`.").arg(text(option.fallback));
        out += roff::entry(term, help);
    }
    return out +
           roff::entry(roff::bold(QStringLiteral("-h")) + QStringLiteral(", ") +
                           roff::bold(QStringLiteral("--help")),
                       QStringLiteral("Say how it is used, and end.")) +
           roff::entry(roff::bold(QStringLiteral("-v")) + QStringLiteral(", ") +
                           roff::bold(QStringLiteral("--version")),
                       QStringLiteral("Print the version, and end."));
}

QString description()
{
    return roff::paragraph(QStringLiteral(
               "`charmedring` shows how the ring stands: an icon in the panel, with a shape of its own "
               "for each state, and a window with the servers, the files, the backup, restoring, jobs "
               "and what has happened. It speaks to the service, `cring`(1), over its local socket, and "
               "starts the `cring` beside it or on PATH when none runs. The service goes on when the "
               "window ends.")) +
           roff::paragraph(QStringLiteral(
               "Without a configuration, a wizard leads to the first file. Started again, it brings the "
               "window that runs to the front."));
}

QString files()
{
    return roff::entry(roff::italic(QStringLiteral("~/.config/charmedring/config.toml")),
                       QStringLiteral("The service's configuration, see charmedring.toml(5).")) +
           roff::entry(roff::italic(QStringLiteral("~/.config/charmedring/window.conf")),
                       QStringLiteral("What the window itself is to do: notifications and the like.")) +
           roff::entry(roff::italic(QStringLiteral("~/.config/autostart/charmedring.desktop")),
                       QStringLiteral("There when the icon is to come with the session.")) +
           roff::entry(roff::italic(QStringLiteral("~/.local/state/charmedring/serve.log")),
                       QStringLiteral("What a service says that the window has started."));
}

} // namespace

void addOptions(QCommandLineParser &parser)
{
    const auto translated = [](const char *english) {
        return QCoreApplication::translate("main", english);
    };
    parser.setApplicationDescription(translated(kDescription));
    parser.addHelpOption();
    parser.addVersionOption();
    for (const WindowOption &option : kOptions)
        parser.addOption(QCommandLineOption(text(option.name), translated(option.help), text(option.value),
                                            text(option.fallback)));
}

QString manualPage(const QString &version)
{
    return roff::head(QStringLiteral("charmedring"), 1, version,
                      QStringLiteral("window and tray icon of Charmed Ring")) +
           roff::section(QStringLiteral("Synopsis")) +
           QStringLiteral("%1 [options]\n").arg(roff::bold(QStringLiteral("charmedring"))) +
           roff::section(QStringLiteral("Description")) + description() +
           roff::section(QStringLiteral("Options")) + options() + roff::section(QStringLiteral("Files")) +
           files() + roff::section(QStringLiteral("See also")) +
           roff::paragraph(QStringLiteral("`cring`(1), `charmedring.toml`(5)"));
}

} // namespace cring::app
