// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/wizard/carryout.h"
#include "ui/wizard/setuppage.h"

QT_BEGIN_NAMESPACE
class QCheckBox;
QT_END_NAMESPACE

namespace cring::ui {

class StepsView;

/// What will be done, and then does it.
class FinishPage : public SetupPage
{
    Q_OBJECT

public:
    FinishPage(Setup &setup, models::Autostart autostart);

    void initializePage() override;
    bool validatePage() override;
    bool isComplete() const override { return !m_running; }

    bool isRunning() const { return m_running; }

Q_SIGNALS:
    void serviceStartWanted();

private:
    QString summary() const;
    void handleFailed(const QString &words, bool isThere);
    void handleFinished();

    QLabel *m_summary;
    QCheckBox *m_startsAtLogin;
    QCheckBox *m_replace;
    StepsView *m_steps;
    CarryOut m_carryOut;
    bool m_running = false;
    bool m_done = false;
};

} // namespace cring::ui
