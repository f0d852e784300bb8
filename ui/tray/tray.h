// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/ringmodels.h"
#include "ui/models/servicecommands.h"

#include <QMenu>
#include <QSystemTrayIcon>

namespace cring::ui {

/// The icon in the panel and its menu. A desktop may have no panel, or get one later: the tray host is
/// watched for as long as this lives.
class TrayIcon : public QObject
{
    Q_OBJECT

public:
    /// Both outlive this.
    TrayIcon(models::RingModels &ring, models::ServiceCommands &commands, QObject *parent = nullptr);
    ~TrayIcon() override;

    /// A panel shows it now.
    bool isThere() const;

    QMenu &menu() { return *m_menu; }

Q_SIGNALS:
    void windowWanted();
    /// The window ends; the service goes on.
    void quitWanted();
    void serviceStartWanted();
    /// A panel came, or went.
    void hostChanged(bool there);

private:
    void build();
    void show();
    void lookForHost();

    models::RingModels &m_ring;
    models::ServiceCommands &m_commands;
    QSystemTrayIcon m_icon;
    std::unique_ptr<QMenu> m_menu;
    QAction *m_cause = nullptr;
    QAction *m_start = nullptr;
    QMenu *m_pause = nullptr;
    QAction *m_resume = nullptr;
    QAction *m_backUp = nullptr;
    QAction *m_check = nullptr;
    QTimer m_hostWatch;
    std::optional<std::pair<models::TrayState, bool>> m_drawn; ///< The state, and whether on a dark panel.
    bool m_there = false;
};

/// What happens to the service's background work until tomorrow at six.
std::chrono::milliseconds untilTomorrow(std::chrono::milliseconds wallNow);

} // namespace cring::ui
