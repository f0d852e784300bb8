// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/autostart.h"
#include "ui/models/configuration.h"
#include "ui/models/desktopchoices.h"
#include "ui/models/notificationchoices.h"

#include <QDialog>

QT_BEGIN_NAMESPACE
class QCheckBox;
class QDialogButtonBox;
class QListWidget;
class QPushButton;
class QStackedWidget;
QT_END_NAMESPACE

namespace cring::ui {

class MessageBar;
class SettingsForm;

/// What can be set, by subject. Settings of the service go into its configuration file when they are saved;
/// whether the icon comes with the session is this program's own.
class SettingsDialog : public QDialog
{
    Q_OBJECT

public:
    enum Section { General, Servers, Backups, Network, Advanced };

    /// The configuration outlives this.
    SettingsDialog(models::Configuration &configuration, models::Autostart autostart,
                   QWidget *parent = nullptr);

    /// A section for what is this program's own; they outlive this.
    void addChoices(models::NotificationChoices &notices, models::DesktopChoices &desktop);

    int sectionCount() const;
    void showSection(int index);

Q_SIGNALS:
    /// A setting was saved that the service takes when it is started again.
    void restartWanted();

private:
    void addSection(const QString &name, QWidget *page);
    SettingsForm *addSettings(const QString &name, SettingsForm *form);
    QWidget *makeGeneral(SettingsForm *form);
    void showConfiguration();
    void save();
    void saveNext();
    void handleSet(const std::pair<QString, QString> &change, const models::CringOutcome &outcome);
    void handleAllSet();
    void setBusy(bool busy);

    models::Configuration &m_configuration;
    const models::Autostart m_autostart;
    QListWidget *m_names;
    QStackedWidget *m_pages;
    MessageBar *m_message;
    QDialogButtonBox *m_buttons;
    QPushButton *m_save;
    QCheckBox *m_startsAtLogin = nullptr;
    QList<SettingsForm *> m_forms;
    QList<std::pair<QString, QString>> m_pending;
    int m_saved = 0;
    bool m_needsRestart = false;
};

} // namespace cring::ui
