// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/ringmodels.h"
#include "ui/models/servicecommands.h"

#include <QTimer>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QAction;
class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTableView;
QT_END_NAMESPACE

namespace cring::ui {

class Card;
class PlacementBars;
class SafetyColumns;

/// Every file, how safe it is, and where its copies are.
class FilesPage : public QWidget
{
    Q_OBJECT

public:
    FilesPage(models::RingModels &ring, models::ServiceCommands &commands, QWidget *parent = nullptr);

    /// Only what a server has, or should have; "": of all of them.
    void showServer(const QString &server);

Q_SIGNALS:
    /// The versions of a file: "<charm id>/<path>", and what it is called.
    void versionsWanted(const QString &path, const QString &name);

protected:
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    QWidget *makeButtons();
    QWidget *makeFilters();
    QWidget *makePictures();
    Card *makeTableCard();
    QAction *addRowAction(const QString &words, const QKeySequence &keys, void (FilesPage::*what)());
    void fitNames();
    void applyFilters();
    void fillServers();
    void fillAccounts();
    void showSnapshot();
    void showState();
    void showCount();
    void showChosen();
    void askWhere();
    const models::FileRow *chosen() const;
    QString chosenPath() const;
    void copyPath();
    void copyDetails();
    void repairChosen();
    void askVersions();

    models::RingModels &m_ring;
    models::ServiceCommands &m_commands;
    QLineEdit *m_search = nullptr;
    QComboBox *m_account = nullptr;
    QComboBox *m_server = nullptr;
    QCheckBox *m_risk = nullptr;
    QPushButton *m_repair = nullptr;
    QPushButton *m_versions = nullptr;
    QList<QAction *> m_rowActions;
    PlacementBars *m_bars = nullptr;
    SafetyColumns *m_columns = nullptr;
    QWidget *m_pictures = nullptr;
    QStackedWidget *m_stack = nullptr;
    QTableView *m_table = nullptr;
    QLabel *m_count = nullptr;
    QLabel *m_details = nullptr;
    QByteArray m_asked; ///< The file that the details are about.
    QTimer m_ask;
};

} // namespace cring::ui
