// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/stepsdialog.h"

#include "ui/widgets/card.h"
#include "ui/widgets/stepsview.h"
#include "ui/window/page.h"

#include <QDialogButtonBox>
#include <QJsonArray>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace cring::ui {

StepsDialog::StepsDialog(const QString &subject, QWidget *parent)
    : QDialog(parent)
    , m_subject(subject)
    , m_headline(new QLabel(this))
    , m_steps(new StepsView(this))
    , m_again(new QPushButton(tr("Test &again"), this))
{
    setWindowTitle(tr("Test of %1").arg(subject));
    setAttribute(Qt::WA_DeleteOnClose);
    QFont font = m_headline->font();
    font.setWeight(QFont::DemiBold);
    m_headline->setFont(font);
    m_headline->setWordWrap(true);
    m_headline->setTextFormat(Qt::PlainText);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->addButton(m_again, QDialogButtonBox::ActionRole);
    nameButtons(buttons);
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(3 * spacingStep);
    layout->addWidget(m_headline);
    layout->addWidget(m_steps, 1);
    layout->addWidget(buttons);
    resize(fontMetrics().averageCharWidth() * 95, fontMetrics().height() * 24);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_again, &QPushButton::clicked, this, &StepsDialog::begin);
}

void StepsDialog::begin()
{
    m_running = true;
    m_steps->setSteps({});
    m_again->setEnabled(false);
    m_headline->setText(tr("Testing %1…").arg(m_subject));
    run();
}

void StepsDialog::addStep(const QJsonObject &step)
{
    if (m_running)
        m_steps->addStep(step);
}

void StepsDialog::end(const QJsonArray &steps, const QString &why)
{
    m_running = false;
    m_again->setEnabled(true);
    if (steps.isEmpty()) {
        m_headline->setText(why);
        return;
    }
    m_steps->setSteps(steps);
    const int bad = m_steps->failures();
    m_headline->setText(bad == 0 ? tr("%1 passed every step").arg(m_subject)
                                 : tr("%1 failed %n step(s)", nullptr, bad).arg(m_subject));
}

} // namespace cring::ui
