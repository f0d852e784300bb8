// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/modepage.h"

#include "ui/widgets/card.h"

#include <QButtonGroup>
#include <QLabel>
#include <QRadioButton>
#include <QVBoxLayout>

namespace cring::ui {

ModePage::ModePage(Setup &setup)
    : SetupPage(setup, tr("Welcome to Charmed Ring"),
                tr("Every file that a charm client stores goes to several places, so that none of them can "
                   "lose it. "
                   "What do you have?"))
    , m_choices(new QButtonGroup(this))
{
    addChoice(Setup::Mode::Servers, tr("&Several Charm servers that share their accounts"),
              tr("Their keys are the same, and each knows your account."));
    addChoice(Setup::Mode::Replicas, tr("&One Charm server; I want to make more from it"),
              tr("On this machine, or on one that can be reached by SSH."));
    addChoice(Setup::Mode::Bucket, tr("One Charm server and an S3 buc&ket"),
              tr("Every file goes to the bucket as well."));
    column()->addStretch(1);
    connect(m_choices, &QButtonGroup::idClicked, this,
            [this](int id) { this->setup().mode = static_cast<Setup::Mode>(id); });
    m_choices->button(static_cast<int>(setup.mode))->setChecked(true);
}

void ModePage::addChoice(Setup::Mode mode, const QString &words, const QString &help)
{
    auto *choice = new QRadioButton(words, this);
    choice->setAccessibleName(QString(words).remove(u'&'));
    choice->setAccessibleDescription(help);
    QLabel *below = mutedLabel(this);
    below->setText(help);
    below->setIndent(6 * spacingStep);
    m_choices->addButton(choice, static_cast<int>(mode));
    column()->addWidget(choice);
    column()->addWidget(below);
    column()->addSpacing(spacingStep);
}

} // namespace cring::ui
