// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/snapshot.h"
#include "ui/models/kitmaker.h"

#include <QDialog>

QT_BEGIN_NAMESPACE
class QLabel;
class QPlainTextEdit;
class QPrinter;
class QPushButton;
class QStackedWidget;
class QSvgWidget;
QT_END_NAMESPACE

namespace cring::ui {

/// Makes the recovery kit, has it printed, and has it typed in again from the paper: what opens the accounts
/// in the buckets when all else is lost. What it shows is forgotten when it is closed.
class KitDialog : public QDialog
{
    Q_OBJECT

public:
    /// `kit` is what is known of the one in use.
    KitDialog(models::Cring cring, const control::RecoveryKitStatus &kit, QWidget *parent = nullptr);

    /// As print() does on paper: the page and its picture.
    void paintOn(QPrinter &printer) const;

private:
    enum Step { AboutStep, PaperStep, CheckStep, DoneStep };

    QWidget *makeAbout(const control::RecoveryKitStatus &kit);
    QWidget *makePaper();
    QWidget *makeCheck();
    QWidget *makeDone();
    void showStep(int step);
    void make();
    void print();
    void check();
    void handleMade(const QString &name);
    void handleChecked(const QString &name);
    void handleFailed(const QString &words);

    models::KitMaker m_maker;
    const bool m_hasOne;
    QStackedWidget *m_steps;
    QLabel *m_problem;
    QPushButton *m_next;
    QPushButton *m_other; ///< Another way on, or none.
    QLabel *m_page = nullptr;
    QSvgWidget *m_picture = nullptr;
    QPlainTextEdit *m_typed = nullptr;
    QLabel *m_done = nullptr;
};

} // namespace cring::ui
