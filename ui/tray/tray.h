// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/desktop/trayhost.h"
#include "ui/models/notices.h"
#include "ui/models/ringmodels.h"
#include "ui/models/servicecommands.h"
#include "ui/models/shutdownsafety.h"

#include <QMenu>
#include <QSystemTrayIcon>

namespace cring::ui {

/// The icon in the panel and its menu. A desktop may have no panel, get one later, or another one: the tray
/// host is watched for as long as this lives.
///
/// Qt decides once in a process whether icons go over D-Bus (status notifier items) or into an X11 tray, when
/// it is asked for the first time. It is asked when a host for the first kind is there, or none has come for
/// a while. Should one come after all, only another process can use it: see restartWanted().
class TrayIcon : public QObject
{
    Q_OBJECT

public:
    /// Both outlive this.
    TrayIcon(models::RingModels &ring, models::ServiceCommands &commands,
             const QDBusConnection &sessionBus = QDBusConnection::sessionBus(), QObject *parent = nullptr);
    ~TrayIcon() override;

    /// A panel shows it now.
    bool isThere() const { return m_there; }

    /// For a desktop that shows notices in no other way.
    void showNotice(const models::Notice &notice);

    QMenu &menu() { return *m_menu; }

Q_SIGNALS:
    void windowWanted();
    /// The window ends; the service goes on.
    void quitWanted();
    void serviceStartWanted();
    void serviceStopWanted();
    /// Offered only when somebody listens.
    void settingsWanted();
    /// Something went well, in words.
    void done(const QString &words);
    /// A panel came, or went.
    void hostChanged(bool there);
    /// A status notifier host has come, which this process cannot use any more; told as long as it is there.
    void restartWanted();

private:
    /// How Qt shows icons in this process.
    enum class Way { Undecided, StatusNotifier, SystemTray };

    void build();
    void buildPause();
    void show();
    void showActions();
    void handleHost();
    void handleHostReplaced();
    void decide(Way way);
    void makeIcon();
    void lookForTray();
    void setThere(bool there);
    void copyClientSettings();

    models::RingModels &m_ring;
    models::ServiceCommands &m_commands;
    TrayHost m_host;
    std::unique_ptr<QMenu> m_menu;
    std::unique_ptr<QSystemTrayIcon> m_icon; ///< Null until it is decided how it is shown.
    Way m_way = Way::Undecided;
    QAction *m_cause = nullptr;
    QAction *m_safety = nullptr;
    QAction *m_start = nullptr;
    QMenu *m_pause = nullptr;
    QAction *m_resume = nullptr;
    QAction *m_backUp = nullptr;
    QAction *m_check = nullptr;
    QAction *m_copy = nullptr;
    QAction *m_settings = nullptr;
    QAction *m_stop = nullptr;
    QTimer m_hostWatch; ///< Of X11 trays; before the decision, the time that a host has to come.
    std::optional<std::pair<models::TrayState, bool>> m_drawn; ///< The state, and whether on a dark panel.
    bool m_there = false;
};

/// What happens to the service's background work until tomorrow at six.
std::chrono::milliseconds untilTomorrow(std::chrono::milliseconds wallNow);

} // namespace cring::ui
