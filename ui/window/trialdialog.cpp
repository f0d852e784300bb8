// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/trialdialog.h"

#include <QJsonArray>

namespace cring::ui {

TrialDialog::TrialDialog(const QString &subject, Make make, QWidget *parent)
    : StepsDialog(subject, parent)
    , m_make(std::move(make))
{
    begin();
}

void TrialDialog::run()
{
    models::CringCommand *command = m_make(this);
    command->setTimeLimit(time);
    connect(command, &models::CringCommand::progressed, this, &TrialDialog::addStep);
    connect(command, &models::CringCommand::finished, this, [this](const models::CringOutcome &outcome) {
        end(outcome.answer.value(QStringLiteral("steps")).toArray(), outcome.complaint.words);
    });
    command->start();
}

} // namespace cring::ui
