// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/charmedring/servicestarter.h"
#include "app/charmedring/singleinstance.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "ui/desktop/activation.h"
#include "ui/desktop/desktop.h"
#include "ui/models/configuration.h"
#include "ui/models/ringmodels.h"
#include "ui/models/servicecommands.h"

#include <QSettings>

namespace cring::ui {
class MainWindow;
class TrayIcon;
} // namespace cring::ui

namespace cring::app {

struct ApplicationOptions
{
    bool background = false;   ///< Only the icon, as at the beginning of a session.
    QStringList sockets = {};  ///< Of the service; by default as SocketPlaces has them.
    QString configFile = {};   ///< Of a service that is started here; "" = as cring finds it.
    QString program;           ///< cring; "" = there is none.
    QString logFile;           ///< Of a service that is started here.
    QString settingsFile = {}; ///< Of the window itself; "" = below XDG_CONFIG_HOME.
    QString historyFile = {};  ///< Of what the window remembers; "" = nothing.
    ui::Desktop::Buses buses = {};
    ui::Desktop::Timing timing = {};
};

/// The window, its icon, and the service that it may have to start. Ending it ends no service.
class Application : public QObject
{
    Q_OBJECT

public:
    explicit Application(ApplicationOptions options, QObject *parent = nullptr);
    ~Application() override;

    void start();
    void showWindow();

    models::RingModels &ring() { return m_ring; }

    ui::MainWindow &window() { return *m_window; }

    ui::TrayIcon &tray() { return *m_tray; }

    models::NotificationChoices &notificationChoices() { return m_notificationChoices; }

    models::DesktopChoices &desktopChoices() { return m_desktopChoices; }

    const ui::Desktop &desktop() const { return m_desktop; }

Q_SIGNALS:
    /// A panel has come that only another process can put its icon into; nobody looks at the window.
    void restartWanted();

private:
    void connectTray();
    void handleLinkState();
    void handleStartFailed(const QString &words);
    void startService();
    void askStop();
    void restartUnseen();
    /// Has it stop, and starts it when it is gone.
    void restartService();

    const ApplicationOptions m_options;
    SystemClock m_clock;
    SystemRandom m_random;
    models::RingModels m_ring;
    models::ServiceCommands m_commands;
    models::Configuration m_configuration;
    QSettings m_settings;
    models::NotificationChoices m_notificationChoices;
    models::DesktopChoices m_desktopChoices;
    ui::Desktop m_desktop;
    ServiceStarter m_starter;
    std::unique_ptr<ui::MainWindow> m_window;
    std::unique_ptr<ui::TrayIcon> m_tray;
    ui::Activation m_activation; ///< Last: whoever calls finds all of it there.
    bool m_unconfigured = false; ///< There are no servers yet: the window leads to the wizard.
    bool m_restarting = false;   ///< It was asked to stop.
    bool m_firstLook =
        true; ///< A service that is not there when we come is started; one that dies later is not.
};

} // namespace cring::app
