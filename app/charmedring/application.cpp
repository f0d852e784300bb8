// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charmedring/application.h"

#include "core/control/socketpath.h"
#include "ui/tray/stopquestion.h"
#include "ui/tray/tray.h"
#include "ui/window/mainwindow.h"

#include <QCoreApplication>
#include <QFile>
#include <QStandardPaths>

namespace cring::app {

using models::ServiceLink;

namespace {

ServiceLink::Paths pathsOf(const ApplicationOptions &options)
{
    if (!options.sockets.isEmpty())
        return [sockets = options.sockets] {
            return sockets;
        };
    return [] {
        return control::SocketPlaces::ofThisProcess().clientPaths();
    };
}

/// Below XDG_CONFIG_HOME, as QSettings has it.
QString settingsFile(const ApplicationOptions &options)
{
    if (!options.settingsFile.isEmpty())
        return options.settingsFile;
    return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) +
           QStringLiteral("/charmedring/window.conf");
}

QStringList serveArguments(const ApplicationOptions &options)
{
    if (options.configFile.isEmpty())
        return {};
    return {QStringLiteral("--config"), options.configFile};
}

} // namespace

Application::Application(ApplicationOptions options, QObject *parent)
    : QObject(parent)
    , m_options(std::move(options))
    , m_ring(pathsOf(m_options), m_clock, m_random, {}, m_options.historyFile)
    , m_commands(m_ring.link)
    , m_configuration(m_ring.link,
                      models::Cring(m_options.program, m_options.configFile, m_options.sockets.value(0)))
    , m_settings(settingsFile(m_options), QSettings::IniFormat)
    , m_notificationChoices(m_settings)
    , m_desktopChoices(m_settings)
    , m_desktop(m_ring, m_notificationChoices, m_desktopChoices, m_clock, m_options.buses, m_options.timing)
    , m_starter(m_options.program, serveArguments(m_options), m_options.logFile)
    , m_window(std::make_unique<ui::MainWindow>(m_ring, m_commands, m_configuration))
    , m_tray(std::make_unique<ui::TrayIcon>(m_ring, m_commands, m_options.buses.session))
    , m_activation(m_options.buses.session)
{
    connect(&m_ring.link, &ServiceLink::stateChanged, this, &Application::handleLinkState);
    connect(&m_starter, &ServiceStarter::started, &m_ring.link, &ServiceLink::retryNow);
    connect(&m_starter, &ServiceStarter::failed, this, &Application::handleStartFailed);
    connect(m_window.get(), &ui::MainWindow::serviceStartWanted, this, &Application::startService);
    connect(m_window.get(), &ui::MainWindow::serviceRestartWanted, this, &Application::restartService);
    connect(m_window.get(), &ui::MainWindow::quitWanted, qApp, &QCoreApplication::quit);
    connect(&m_activation, &ui::Activation::windowWanted, this, &Application::showWindow);
    connect(&m_desktop, &ui::Desktop::windowWanted, this, &Application::showWindow);
    connect(&m_desktop, &ui::Desktop::serviceStartWanted, this, &Application::startService);
    connect(&m_desktop, &ui::Desktop::undelivered, m_tray.get(), &ui::TrayIcon::showNotice);
    m_window->setChoices(m_notificationChoices, m_desktopChoices);
    connectTray();
}

void Application::connectTray()
{
    connect(m_tray.get(), &ui::TrayIcon::serviceStartWanted, this, &Application::startService);
    connect(m_tray.get(), &ui::TrayIcon::serviceStopWanted, this, &Application::askStop);
    connect(m_tray.get(), &ui::TrayIcon::windowWanted, this, &Application::showWindow);
    connect(m_tray.get(), &ui::TrayIcon::quitWanted, qApp, &QCoreApplication::quit);
    connect(m_tray.get(), &ui::TrayIcon::hostChanged, m_window.get(), &ui::MainWindow::setHasTray);
    connect(m_tray.get(), &ui::TrayIcon::settingsWanted, this, [this] {
        showWindow();
        m_window->showSettings();
    });
    connect(m_tray.get(), &ui::TrayIcon::done, m_window.get(), &ui::MainWindow::showSuccess);
    connect(m_tray.get(), &ui::TrayIcon::restartWanted, this, &Application::restartUnseen);
    m_window->setHasTray(m_tray->isThere());
}

Application::~Application() = default;

void Application::start()
{
    m_ring.start();
    if (!m_options.background)
        showWindow();
}

void Application::showWindow()
{
    m_window->raiseToFront();
    if (m_unconfigured)
        m_window->showSetup();
}

void Application::startService()
{
    m_starter.start();
}

void Application::askStop()
{
    QMessageBox *question = ui::makeStopQuestion(m_ring.link.snapshot(), m_window.get());
    connect(question, &QMessageBox::accepted, this, [this] {
        m_desktop.expectServiceEnd();
        m_commands.stopService();
    });
    question->open();
}

void Application::restartUnseen()
{
    if (!m_window->isVisible())
        Q_EMIT restartWanted();
}

void Application::restartService()
{
    m_restarting = true;
    m_desktop.expectServiceEnd();
    m_ring.link.call(QStringLiteral("stop"), {}, this, [this](const Result<QJsonObject> &answer) {
        if (answer)
            return;
        m_restarting = false;
        m_window->showFailure(models::errorWords(answer.error()));
    });
}

/// A service without servers says so and ends: that is where everybody begins.
void Application::handleStartFailed(const QString &words)
{
    const QString &file = m_options.configFile;
    const bool isThere = file.isEmpty() || QFile::exists(file);
    if (isThere && !words.contains(codeName(Code::ConfigIncomplete))) {
        m_window->showFailure(words);
        return;
    }
    m_unconfigured = true;
    m_desktop.expectServiceEnd(); // That there is none is no news to whoever is setting it up.
    if (m_window->isVisible())
        m_window->showSetup();
}

void Application::handleLinkState()
{
    const ServiceLink::State state = m_ring.link.state();
    if (state == ServiceLink::State::Connected) {
        m_unconfigured = false;
        m_starter.handleAnswered();
    }
    const bool first = std::exchange(m_firstLook, m_firstLook && state == ServiceLink::State::Connecting);
    const bool again = state == ServiceLink::State::NotRunning && std::exchange(m_restarting, false);
    if ((first && state == ServiceLink::State::NotRunning) || again)
        startService();
}

} // namespace cring::app
