// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/ringmodels.h"
#include "ui/models/servicecommands.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QPushButton;
class QStackedWidget;
class QTableView;
QT_END_NAMESPACE

namespace cring::ui {

/// Long work: what is under way and what has ended; it can be started, paused and ended.
class JobsPage : public QWidget
{
    Q_OBJECT

public:
    JobsPage(models::RingModels &ring, models::ServiceCommands &commands, QWidget *parent = nullptr);

private:
    QWidget *makeButtons();
    void showState();
    void askCancel();
    const models::JobRow *chosen() const;

    models::RingModels &m_ring;
    models::ServiceCommands &m_commands;
    QStackedWidget *m_stack;
    QTableView *m_table;
    QPushButton *m_check = nullptr;
    QPushButton *m_pause = nullptr;
    QPushButton *m_cancel = nullptr;
};

} // namespace cring::ui
