// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/servicelink.h"

#include <QDialog>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace cring::ui {

class StepsView;

/// A server tried step by step with the service's own probe, each step as it comes.
class ServerTestDialog : public QDialog
{
    Q_OBJECT

public:
    /// The link outlives this.
    ServerTestDialog(models::ServiceLink &link, const QString &server, QWidget *parent = nullptr);

private:
    void run();
    void handleNotified(const QString &method, const QJsonObject &params);
    void handleAnswer(const Result<QJsonObject> &answer);

    models::ServiceLink &m_link;
    const QString m_server;
    bool m_running = false;
    QLabel *m_headline;
    StepsView *m_steps;
    QPushButton *m_again;
};

} // namespace cring::ui
