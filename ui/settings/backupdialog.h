// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/configuration.h"
#include "ui/settings/backupform.h"

#include <QDialog>

QT_BEGIN_NAMESPACE
class QDialogButtonBox;
class QPushButton;
QT_END_NAMESPACE

namespace cring::ui {

class MessageBar;

/// A bucket that is added as a backup, or changed.
class BackupDialog : public QDialog
{
    Q_OBJECT

public:
    /// `backup` "": to add one. The configuration outlives this, and has been read.
    BackupDialog(models::Configuration &configuration, const QString &backup, QWidget *parent);

    BackupForm &form() { return *m_form; }

Q_SIGNALS:
    void done(const QString &words);

private:
    void test();
    void save();
    void handleSaved(const models::CringOutcome &outcome, const QString &name);
    void setBusy(bool busy);

    models::Configuration &m_configuration;
    const bool m_adds;
    BackupEntry m_before;
    BackupForm *m_form;
    MessageBar *m_message;
    QDialogButtonBox *m_buttons;
    QPushButton *m_test;
    QPushButton *m_save;
};

/// Beside the configuration: where keys go that are to be kept in files.
QString keyFolderOf(const models::Configuration &configuration);

} // namespace cring::ui
