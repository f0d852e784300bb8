// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/serverdialog.h"

#include "ui/widgets/card.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/scrollcolumn.h"
#include "ui/window/page.h"
#include "ui/window/trialdialog.h"

#include <QDialogButtonBox>
#include <QPushButton>
#include <QVBoxLayout>

namespace cring::ui {

ServerDialog::ServerDialog(models::Configuration &configuration, QWidget *parent)
    : QDialog(parent)
    , m_configuration(configuration)
    , m_adds(true)
    , m_form(new ServerForm(this))
    , m_message(new MessageBar(this))
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Cancel, this))
{
    setWindowTitle(tr("Add a server"));
    make(tr("&Add"));
}

ServerDialog::ServerDialog(models::Configuration &configuration, const QString &server, QWidget *parent)
    : QDialog(parent)
    , m_configuration(configuration)
    , m_adds(false)
    , m_before(ServerEntry::of(configuration.server(server)))
    , m_form(new ServerForm(this))
    , m_message(new MessageBar(this))
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Cancel, this))
{
    setWindowTitle(tr("Change %1").arg(server));
    m_form->setEntry(m_before);
    make(tr("&Save"));
}

void ServerDialog::make(const QString &accept)
{
    setAttribute(Qt::WA_DeleteOnClose);
    m_save = m_buttons->addButton(accept, QDialogButtonBox::AcceptRole);
    m_test = m_buttons->addButton(tr("&Test…"), QDialogButtonBox::ActionRole);
    m_test->setToolTip(tr("Tries what is entered step by step, before anything is changed"));
    m_save->setDefault(true);
    nameButtons(m_buttons);
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(3 * spacingStep);
    layout->addWidget(new ScrollColumn(m_form, this), 1);
    layout->addWidget(m_message);
    layout->addWidget(m_buttons);
    setMinimumWidth(fontMetrics().averageCharWidth() * 72);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_save, &QPushButton::clicked, this, &ServerDialog::save);
    connect(m_test, &QPushButton::clicked, this, &ServerDialog::test);
    connect(m_form, &Form::edited, m_message, &QWidget::hide);
}

void ServerDialog::test()
{
    if (!m_form->check())
        return;
    auto *dialog = new TrialDialog(
        m_form->entry().name,
        [this](QObject *context) { return m_form->trial(m_configuration.cring(), context); }, this);
    dialog->open();
}

void ServerDialog::save()
{
    if (!m_form->check())
        return;
    const ServerEntry now = m_form->entry();
    if (now == m_before) {
        reject(); // Nothing was changed.
        return;
    }
    QStringList arguments{QStringLiteral("backends"), m_adds ? QStringLiteral("add") : QStringLiteral("edit"),
                          m_adds ? now.name : m_before.name};
    arguments += serverFlags(now, m_before);
    if (!m_adds && now.name != m_before.name)
        arguments += {QStringLiteral("--name"), now.name};
    setBusy(true);
    m_configuration.run(arguments, {}, this,
                        [this, now](const models::CringOutcome &outcome) { handleSaved(outcome, now); });
}

void ServerDialog::handleSaved(const models::CringOutcome &outcome, const ServerEntry &now)
{
    setBusy(false);
    if (outcome.ok()) {
        Q_EMIT done(
            m_adds
                ? tr("%1 is a server of the ring. It gets its share of the files from now on").arg(now.name)
                : tr("%1 was changed").arg(now.name));
        accept();
    } else if (!m_form->showComplaint(outcome.complaint)) {
        m_message->show(models::Tone::Bad, outcome.complaint.words);
    }
}

void ServerDialog::setBusy(bool busy)
{
    m_form->setEnabled(!busy);
    m_save->setEnabled(!busy);
    m_test->setEnabled(!busy);
    m_message->hide();
}

} // namespace cring::ui
