// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/configuration.h"
#include "ui/window/serverform.h"

#include <QDialog>

QT_BEGIN_NAMESPACE
class QDialogButtonBox;
class QPushButton;
QT_END_NAMESPACE

namespace cring::ui {

class MessageBar;

/// A server that is added, or changed.
class ServerDialog : public QDialog
{
    Q_OBJECT

public:
    /// To add one. The configuration outlives this.
    ServerDialog(models::Configuration &configuration, QWidget *parent);
    /// To change one, which the configuration has.
    ServerDialog(models::Configuration &configuration, const QString &server, QWidget *parent);

    ServerForm &form() { return *m_form; }

Q_SIGNALS:
    void done(const QString &words);

private:
    void make(const QString &accept);
    void test();
    void save();
    void handleSaved(const models::CringOutcome &outcome, const ServerEntry &now);
    void setBusy(bool busy);

    models::Configuration &m_configuration;
    const bool m_adds;
    ServerEntry m_before;
    ServerForm *m_form;
    MessageBar *m_message;
    QDialogButtonBox *m_buttons;
    QPushButton *m_test = nullptr;
    QPushButton *m_save = nullptr;
};

} // namespace cring::ui
