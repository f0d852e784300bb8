// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charmedring/application.h"
#include "app/charmedring/options.h"
#include "core/base/log.h"
#include "core/control/socketpath.h"
#include "ui/desktop/applicationid.h"
#include "ui/translation.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QIcon>
#include <QProcess>
#include <QStandardPaths>

#include <cstdio>

using namespace cring;

namespace {

/// Exits with it, and another process takes its place.
constexpr int kRestart = 75;

QString logFile()
{
    QString state = qEnvironmentVariable("XDG_STATE_HOME");
    if (!QDir::isAbsolutePath(state))
        state = QDir::homePath() + QStringLiteral("/.local/state");
    return state + QStringLiteral("/charmedring/serve.log");
}

void complain(const QString &words)
{
    std::fputs(qPrintable(QStringLiteral("charmedring: %1\n").arg(words)), stderr);
}

/// The colours of the window go with the desktop's, light or dark, unless something else is asked for.
void applyAppearance(const QString &appearance)
{
    ui::Theme theme = ui::Theme::of(QApplication::palette());
    if (appearance == QStringLiteral("light"))
        theme = ui::Theme::light();
    else if (appearance == QStringLiteral("dark"))
        theme = ui::Theme::dark();
    if (theme.kind != ui::Theme::Kind::HighContrast)
        QApplication::setPalette(theme.palette());
}

int run(int argc, char **argv)
{
    log::install(log::Level::Warning);
    QApplication qt(argc, argv);
    ui::installTranslations(qt, QLocale());
    QApplication::setApplicationName(QStringLiteral("charmedring"));
    QApplication::setApplicationVersion(QStringLiteral(CRING_VERSION));
    QGuiApplication::setDesktopFileName(QString::fromLatin1(ui::applicationId));
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/charmedring/charmedring.svg")));
    QApplication::setQuitOnLastWindowClosed(false);

    QCommandLineParser parser;
    app::addOptions(parser);
    parser.process(qt);
    applyAppearance(parser.value(QString::fromLatin1(app::appearanceOption)));

    app::SingleInstance instance(control::SocketPlaces::ofThisProcess().userDirectory());
    const Result<app::SingleInstance::Role> role = instance.take();
    if (!role) {
        complain(role.error().toString());
        return 1;
    }
    if (*role == app::SingleInstance::Role::Second) {
        instance.callFirst(&qt, [](bool heard) {
            if (!heard)
                complain(QApplication::translate("main", "it is running already, and does not answer"));
            QCoreApplication::exit(heard ? 0 : 1);
        });
        return QApplication::exec();
    }

    app::ApplicationOptions options;
    options.background = parser.isSet(QString::fromLatin1(app::backgroundOption));
    options.sockets = parser.values(QString::fromLatin1(app::socketOption));
    options.program = models::Cring::find();
    options.logFile = logFile();
    options.historyFile = QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation) +
                          QStringLiteral("/charmedring/backups.json");
    options.configFile = parser.value(QString::fromLatin1(app::configOption));
    app::Application application(options);
    QObject::connect(&instance, &app::SingleInstance::windowWanted, &application,
                     &app::Application::showWindow);
    application.start();
    QObject::connect(&application, &app::Application::restartWanted, &qt,
                     [] { QCoreApplication::exit(kRestart); });
    return QApplication::exec();
}

} // namespace

int main(int argc, char **argv)
{
    // For the build, which installs it: without a desktop.
    if (argc == 2 && qstrcmp(argv[1], "--manual") == 0) {
        std::fputs(app::manualPage(QStringLiteral(CRING_VERSION)).toUtf8().constData(), stdout);
        return 0;
    }
    const int code = run(argc, argv);
    if (code != kRestart)
        return code;
    // Everything of the one that ends is gone, its lock too.
    QStringList arguments{QStringLiteral("--background")};
    for (int i = 1; i < argc; ++i)
        arguments.append(QString::fromLocal8Bit(argv[i]));
    return QProcess::startDetached(QFile::symLinkTarget(QStringLiteral("/proc/self/exe")), arguments) ? 0 : 1;
}
