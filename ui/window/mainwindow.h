// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/configuration.h"
#include "ui/models/desktopchoices.h"
#include "ui/models/notificationchoices.h"
#include "ui/models/ringmodels.h"
#include "ui/models/servicecommands.h"

#include <QPointer>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QStackedWidget;
QT_END_NAMESPACE

namespace cring::ui {

class FilesPage;
class MessageBar;
class OverviewPage;
class ServerActions;
class RestorePage;
class ServersPage;
class SettingsDialog;
class SetupWizard;
class Sidebar;

/// The window: a list of pages and the one that is chosen.
class MainWindow : public QWidget
{
    Q_OBJECT

public:
    /// All outlive this.
    MainWindow(models::RingModels &ring, models::ServiceCommands &commands,
               models::Configuration &configuration, QWidget *parent = nullptr);

    /// While it is false, closing the window asks what that is to do: no icon would bring it back.
    void setHasTray(bool has) { m_hasTray = has; }
    /// What the settings offer, and where the answer to that is remembered; without them, it asks every time.
    /// They outlive this.
    void setChoices(models::NotificationChoices &notices, models::DesktopChoices &choices)
    {
        m_notices = &notices;
        m_choices = &choices;
    }

    /// The outcome of something that was asked for elsewhere.
    void showFailure(const QString &words);
    void showSuccess(const QString &words);

    /// In front of the others, wherever it was.
    void raiseToFront();

    int pageCount() const;
    void showPage(int index);
    void showSettings();
    /// For a ring that nobody has configured yet.
    void showSetup();

Q_SIGNALS:
    void serviceStartWanted();
    void serviceRestartWanted();
    /// The window is to end; the service goes on.
    void quitWanted();

protected:
    void closeEvent(QCloseEvent *event) override;

private:
    QWidget *makeSettingsButton();
    void addPage(QWidget *page, const QString &name, int number);
    void connectPages();
    void showNotes();
    void test(const QString &server);
    void showKit();
    void askClosing();
    void closeAs(models::DesktopChoices::Closing closing);

    models::RingModels &m_ring;
    models::ServiceCommands &m_commands;
    models::Configuration &m_configuration;
    Sidebar *m_sidebar;
    QStackedWidget *m_pages;
    MessageBar *m_message;
    OverviewPage *m_overview;
    ServersPage *m_servers;
    models::NotificationChoices *m_notices = nullptr;
    models::DesktopChoices *m_choices = nullptr;
    ServerActions *m_serverActions;
    QPointer<SettingsDialog> m_settings;
    QPointer<SetupWizard> m_setup;
    FilesPage *m_files;
    RestorePage *m_restore;
    bool m_hasTray = true;
};

} // namespace cring::ui
