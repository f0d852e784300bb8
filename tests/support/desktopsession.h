// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/childprocess.h"
#include "tests/support/sessionbus.h"

#include <QSize>
#include <QTemporaryDir>

namespace cring::test {

/// A desktop of a test's own, as far as programs meet it: a bus, which is the session's and the system's at
/// once, and, where that is wanted, a display (Xvfb), a window manager (openbox), a notification server
/// (dunst), a panel (xfce4-panel), and stand-ins for logind and NetworkManager (python-dbusmock). All in a
/// temporary home; all end with this.
class DesktopSession
{
public:
    DesktopSession();
    ~DesktopSession();

    // Each NotFound, with what to install, when a program is missing or does not come up.
    Status startBus();
    Status startDisplay(QSize size = {1280, 800});
    Status startWindowManager();
    Status startNotifications();
    Status startPanel();
    Status startLogind();
    Status startNetworkManager();

    /// Chooses an action of the notification that is shown, by its words, as from dunst's menu.
    void chooseAction(const QString &words) const;
    /// How many notifications are on the display.
    int displayedNotifications() const;

    struct Notification
    {
        int id = 0;
        QString title;
        QString text;
    };

    /// Takes all off the display, and says what was there since the start, the newest first.
    QList<Notification> takeNotifications() const;
    void stopNotifications() { m_notifications.reset(); }
    void stopPanel() { m_panel.reset(); }

    QString address() const { return m_bus.address(); }
    QString home() const { return m_home.path(); }
    /// A file with what is on the display, as an X window dump (X11/XWDfile.h) that is always up to date.
    QString frameBuffer() const { return m_home.filePath(QStringLiteral("Xvfb_screen0")); }
    /// This process's, with the bus, the display and the home.
    QProcessEnvironment environment() const;

    /// What a program of this desktop says; empty when it fails. For tools such as dunstctl.
    QByteArray run(const QString &program, const QStringList &arguments) const;

private:
    using Child = std::unique_ptr<playground::ChildProcess>;

    Status startMock(Child &child, const QString &service, const QString &templateName);
    Child startChild(const QString &program, const QStringList &arguments) const;
    bool hasName(const QString &name) const;

    QTemporaryDir m_home;
    SessionBus m_bus;
    QString m_display;
    Child m_displayServer;
    Child m_windowManager;
    Child m_notifications;
    Child m_settings; ///< Of the panel.
    Child m_panel;
    Child m_logind;
    Child m_networkManager;
};

} // namespace cring::test
