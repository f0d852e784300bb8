// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/wizard/setuppage.h"

#include <QPointer>

QT_BEGIN_NAMESPACE
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
QT_END_NAMESPACE

namespace cring::ui {

/// New servers, made from the one that there is.
class ReplicaPage : public SetupPage
{
    Q_OBJECT

public:
    explicit ReplicaPage(Setup &setup);

    void initializePage() override;
    bool isComplete() const override;

private:
    bool check();
    void make();
    void showProgress(const QJsonObject &line);
    void handleMade(const models::CringOutcome &outcome);
    void setBusy(bool busy);

    Form *m_form;
    QLineEdit *m_from;
    QLineEdit *m_name;
    QLineEdit *m_to;
    QLineEdit *m_host;
    QLineEdit *m_httpPort;
    QLineEdit *m_sshPort;
    QPushButton *m_make;
    QPushButton *m_stop;
    QProgressBar *m_progress;
    QLabel *m_start;
    QPointer<models::CringCommand> m_command;
};

} // namespace cring::ui
