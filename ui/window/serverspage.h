// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/ringmodels.h"
#include "ui/models/servicecommands.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
class QSortFilterProxyModel;
class QStackedWidget;
class QTableView;
QT_END_NAMESPACE

namespace cring::ui {

/// The servers one by one, and what can be done with one.
class ServersPage : public QWidget
{
    Q_OBJECT

public:
    ServersPage(models::RingModels &ring, models::ServiceCommands &commands, QWidget *parent = nullptr);

    /// Chooses it, when it is there.
    void choose(const QString &server);

Q_SIGNALS:
    void testWanted(const QString &server);
    void addWanted();
    void editWanted(const QString &server);
    void removeWanted(const QString &server);

private:
    /// For the chosen server.
    QWidget *makeButtons();
    QPushButton *addChosenButton(QWidget *buttons, const QString &words, const QString &tip,
                                 void (ServersPage::*wanted)(const QString &));
    void showChosen();
    void askDrain();
    const models::ServerRow *chosen() const;
    QString details(const models::ServerRow &row) const;

    models::RingModels &m_ring;
    models::ServiceCommands &m_commands;
    QSortFilterProxyModel *m_sorted;
    QStackedWidget *m_stack;
    QTableView *m_table;
    QLabel *m_details;
    QPushButton *m_test = nullptr;
    QPushButton *m_promote = nullptr;
    QPushButton *m_drain = nullptr;
    QPushButton *m_edit = nullptr;
    QPushButton *m_remove = nullptr;
};

} // namespace cring::ui
