// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/restore.h"
#include "ui/models/ringmodels.h"

#include <QTimer>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QDateTimeEdit;
class QGridLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QRadioButton;
class QStackedWidget;
class QTableView;
QT_END_NAMESPACE

namespace cring::ui {

class Card;

/// Brings files back from a bucket: which, as of when, to where; counted first, then done.
class RestorePage : public QWidget
{
    Q_OBJECT

public:
    explicit RestorePage(models::RingModels &ring, QWidget *parent = nullptr);

    /// A file, "<charm id>/<path>", and what it is called; "" while that is hidden.
    void showFile(const QString &path, const QString &name);

Q_SIGNALS:
    /// The person looks for a file.
    void filesWanted();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    enum Place { Choosing, NoBackup };

    void arrange(bool wide);
    QWidget *makeActionsRow();
    Card *makeWhat();
    Card *makeWhen();
    Card *makeWhere();
    Card *makeResult();
    void showSnapshot();
    void showVersions();
    void showState();
    void showChoice();
    void takeVersion();
    void askVersions();
    void browse();
    void preview();
    void askBegin();
    /// Nothing when what is there is no choice; then m_problem says why.
    std::optional<models::RestoreChoice> choice();

    models::RingModels &m_ring;
    models::Restore m_restore;
    QStackedWidget *m_stack;
    QGridLayout *m_cards;
    Card *m_when = nullptr;
    Card *m_where = nullptr;
    QComboBox *m_backup = nullptr;
    QLineEdit *m_path = nullptr;
    QLabel *m_name = nullptr;
    QTableView *m_versions = nullptr;
    QLabel *m_versionsWords = nullptr;
    QRadioButton *m_asNow = nullptr;
    QRadioButton *m_asThen = nullptr;
    QDateTimeEdit *m_then = nullptr;
    QRadioButton *m_toFolder = nullptr;
    QRadioButton *m_toServers = nullptr;
    QLineEdit *m_folder = nullptr;
    QPushButton *m_browse = nullptr;
    QPushButton *m_preview = nullptr;
    QPushButton *m_begin = nullptr;
    QPushButton *m_cancel = nullptr;
    QProgressBar *m_progress = nullptr;
    QLabel *m_result = nullptr;
    QString m_problem;
    QString m_shownPath; ///< That m_name is about.
    QTimer m_ask;
};

} // namespace cring::ui
