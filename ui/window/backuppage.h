// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/ringmodels.h"
#include "ui/models/servicecommands.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
class QStackedWidget;
class QTableView;
QT_END_NAMESPACE

namespace cring::ui {

class BackupChart;

/// The buckets: how far each is, and whether that was verified.
class BackupPage : public QWidget
{
    Q_OBJECT

public:
    BackupPage(models::RingModels &ring, models::ServiceCommands &commands, QWidget *parent = nullptr);

Q_SIGNALS:
    void setupWanted();
    /// The recovery kit: to be made, or to be checked.
    void kitWanted();

private:
    QWidget *makeButtons();
    void showState();
    void showReminder();
    const models::BackupRow *chosen() const;
    QString details(const models::BackupRow &row) const;

    models::RingModels &m_ring;
    models::ServiceCommands &m_commands;
    QStackedWidget *m_stack;
    BackupChart *m_chart;
    QTableView *m_table;
    QLabel *m_details;
    QPushButton *m_now = nullptr;
    QPushButton *m_verify = nullptr;
    QPushButton *m_kit = nullptr;
    QLabel *m_reminder = nullptr;
};

} // namespace cring::ui
