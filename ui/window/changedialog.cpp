// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/changedialog.h"

#include "ui/widgets/card.h"
#include "ui/widgets/form.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/scrollcolumn.h"
#include "ui/window/page.h"
#include "ui/window/trialdialog.h"

#include <QDialogButtonBox>
#include <QPushButton>
#include <QVBoxLayout>

namespace cring::ui {

ChangeDialog::ChangeDialog(models::Configuration &configuration, const QString &title, const QString &save,
                           const QString &trialHelp, QWidget *parent)
    : QDialog(parent)
    , m_configuration(configuration)
    , m_message(new MessageBar(this))
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Cancel, this))
    , m_test(m_buttons->addButton(tr("&Test…"), QDialogButtonBox::ActionRole))
    , m_save(m_buttons->addButton(save, QDialogButtonBox::AcceptRole))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(title);
    m_test->setToolTip(trialHelp);
    m_save->setDefault(true);
    nameButtons(m_buttons);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_save, &QPushButton::clicked, this, &ChangeDialog::save);
    connect(m_test, &QPushButton::clicked, this, &ChangeDialog::test);
}

void ChangeDialog::setForm(Form *form)
{
    m_form = form;
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(3 * spacingStep);
    layout->addWidget(new ScrollColumn(form, this), 1);
    layout->addWidget(m_message);
    layout->addWidget(m_buttons);
    setMinimumWidth(fontMetrics().averageCharWidth() * 76);
    connect(form, &Form::edited, m_message, &QWidget::hide);
}

void ChangeDialog::test()
{
    if (!check())
        return;
    auto *dialog = new TrialDialog(
        triedName(), [this](QObject *context) { return trial(context); }, this);
    dialog->open();
}

void ChangeDialog::save()
{
    if (!check())
        return;
    std::optional<Change> wanted = change();
    if (!wanted) {
        reject();
        return;
    }
    setBusy(true);
    m_configuration.run(
        wanted->arguments, std::move(wanted->input), this,
        [this, words = wanted->words](const models::CringOutcome &outcome) { handleSaved(outcome, words); });
}

void ChangeDialog::handleSaved(const models::CringOutcome &outcome, const QString &words)
{
    setBusy(false);
    if (outcome.ok()) {
        Q_EMIT done(words);
        accept();
    } else if (!showComplaint(outcome.complaint)) {
        m_message->show(models::Tone::Bad, outcome.complaint.words);
    }
}

void ChangeDialog::setBusy(bool busy)
{
    m_form->setEnabled(!busy);
    m_save->setEnabled(!busy);
    m_test->setEnabled(!busy);
    m_message->hide();
}

} // namespace cring::ui
