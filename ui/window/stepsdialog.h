// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

QT_BEGIN_NAMESPACE
class QJsonArray;
class QJsonObject;
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace cring::ui {

class StepsView;

/// Something that is tried step by step, each step as it comes; what it is tried by, a derived class says.
/// Goes when it is closed.
class StepsDialog : public QDialog
{
    Q_OBJECT

protected:
    /// `subject`: the name of what is tried. The derived class calls begin().
    StepsDialog(const QString &subject, QWidget *parent);

    const QString &subject() const { return m_subject; }

    /// Shows that it is under way, and has it tried.
    void begin();
    /// Ends in end().
    virtual void run() = 0;
    void addStep(const QJsonObject &step);
    /// All steps, those that were told before as well; none: `why` says why there are none.
    void end(const QJsonArray &steps, const QString &why = {});

private:
    const QString m_subject;
    bool m_running = false;
    QLabel *m_headline;
    StepsView *m_steps;
    QPushButton *m_again;
};

} // namespace cring::ui
