// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/cringcommand.h"

#include <QDialog>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace cring::ui {

class StepsView;

/// Something that is not configured yet, a server or a bucket, tried step by step by a command of cring.
class TrialDialog : public QDialog
{
    Q_OBJECT

public:
    /// A command with steps, not started yet; the context's.
    using Make = std::function<models::CringCommand *(QObject *context)>;

    TrialDialog(const QString &subject, Make make, QWidget *parent);

    /// For commands of this kind: each step is bounded, and there are some.
    static constexpr std::chrono::minutes time{3};

private:
    void run();
    void handleFinished(const models::CringOutcome &outcome);

    const QString m_subject;
    const Make m_make;
    QLabel *m_headline;
    StepsView *m_steps;
    QPushButton *m_again;
};

} // namespace cring::ui
