// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/desktopchoices.h"
#include "ui/models/ringmodels.h"
#include "ui/models/servicecommands.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QStackedWidget;
QT_END_NAMESPACE

namespace cring::ui {

class FilesPage;
class MessageBar;
class OverviewPage;
class RestorePage;
class ServersPage;
class Sidebar;

/// The window: a list of pages and the one that is chosen.
class MainWindow : public QWidget
{
    Q_OBJECT

public:
    /// Both outlive this.
    MainWindow(models::RingModels &ring, models::ServiceCommands &commands, QWidget *parent = nullptr);

    /// While it is false, closing the window asks what that is to do: no icon would bring it back.
    void setHasTray(bool has) { m_hasTray = has; }
    /// Where the answer is remembered; without it, it asks every time. Outlives this.
    void setDesktopChoices(models::DesktopChoices &choices) { m_choices = &choices; }

    /// The outcome of something that was asked for elsewhere.
    void showFailure(const QString &words);
    void showSuccess(const QString &words);

    /// In front of the others, wherever it was.
    void raiseToFront();

    int pageCount() const;
    void showPage(int index);

Q_SIGNALS:
    void serviceStartWanted();
    /// The window is to end; the service goes on.
    void quitWanted();

protected:
    void closeEvent(QCloseEvent *event) override;

private:
    void addPage(QWidget *page, const QString &name, int number);
    void connectPages();
    void showNotes();
    void test(const QString &server);
    void askClosing();
    void closeAs(models::DesktopChoices::Closing closing);

    models::RingModels &m_ring;
    models::ServiceCommands &m_commands;
    Sidebar *m_sidebar;
    QStackedWidget *m_pages;
    MessageBar *m_message;
    OverviewPage *m_overview;
    ServersPage *m_servers;
    models::DesktopChoices *m_choices = nullptr;
    FilesPage *m_files;
    RestorePage *m_restore;
    bool m_hasTray = true;
};

} // namespace cring::ui
