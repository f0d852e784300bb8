// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/backupdialog.h"

#include "ui/widgets/card.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/scrollcolumn.h"
#include "ui/window/page.h"
#include "ui/window/trialdialog.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QFileInfo>
#include <QPushButton>
#include <QVBoxLayout>

namespace cring::ui {

QString keyFolderOf(const models::Configuration &configuration)
{
    QString folder =
        QFileInfo(configuration.cring().configFile().isEmpty() ? configuration.file()
                                                               : configuration.cring().configFile())
            .absolutePath();
    if (configuration.file().isEmpty() && configuration.cring().configFile().isEmpty()) {
        folder = qEnvironmentVariable("XDG_CONFIG_HOME", QDir::homePath() + QStringLiteral("/.config")) +
                 QStringLiteral("/charmedring");
    }
    return folder + QStringLiteral("/keys");
}

BackupDialog::BackupDialog(models::Configuration &configuration, const QString &backup, QWidget *parent)
    : QDialog(parent)
    , m_configuration(configuration)
    , m_adds(backup.isEmpty())
    , m_form(new BackupForm(keyFolderOf(configuration), this))
    , m_message(new MessageBar(this))
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Cancel, this))
    , m_test(m_buttons->addButton(tr("&Test…"), QDialogButtonBox::ActionRole))
    , m_save(m_buttons->addButton(m_adds ? tr("&Add") : tr("Sa&ve"), QDialogButtonBox::AcceptRole))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(m_adds ? tr("Add a backup") : tr("Change %1").arg(backup));
    if (!m_adds) {
        m_before = BackupEntry::of(configuration.backup(backup));
        m_form->setEntry(m_before);
    }
    m_test->setToolTip(tr("Looks at the bucket step by step, and writes, reads and deletes a small object"));
    m_save->setDefault(true);
    nameButtons(m_buttons);
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(3 * spacingStep);
    layout->addWidget(new ScrollColumn(m_form, this), 1);
    layout->addWidget(m_message);
    layout->addWidget(m_buttons);
    setMinimumWidth(fontMetrics().averageCharWidth() * 76);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_save, &QPushButton::clicked, this, &BackupDialog::save);
    connect(m_test, &QPushButton::clicked, this, &BackupDialog::test);
    connect(m_form, &Form::edited, m_message, &QWidget::hide);
}

void BackupDialog::test()
{
    if (!m_form->check())
        return;
    auto *dialog = new TrialDialog(
        m_form->entry().bucket,
        [this](QObject *context) { return m_form->trial(m_configuration.cring(), context); }, this);
    dialog->open();
}

void BackupDialog::save()
{
    if (!m_form->check())
        return;
    const BackupEntry now = m_form->entry();
    if (now == m_before && !m_form->hasKeys()) {
        reject(); // Nothing was changed.
        return;
    }
    QStringList arguments{QStringLiteral("backup"), m_adds ? QStringLiteral("add") : QStringLiteral("edit"),
                          m_adds ? now.name : m_before.name};
    arguments += backupFlags(now, m_before);
    if (!m_adds && now.name != m_before.name)
        arguments += {QStringLiteral("--name"), now.name};
    if (m_form->hasKeys())
        arguments.append(QStringLiteral("--secret-stdin"));
    setBusy(true);
    m_configuration.run(
        arguments, m_form->hasKeys() ? m_form->keys() : Secret(), this,
        [this, name = now.name](const models::CringOutcome &outcome) { handleSaved(outcome, name); });
}

void BackupDialog::handleSaved(const models::CringOutcome &outcome, const QString &name)
{
    setBusy(false);
    if (outcome.ok()) {
        Q_EMIT done(m_adds ? tr("%1 gets every file from now on").arg(name) : tr("%1 was changed").arg(name));
        accept();
    } else if (!m_form->showComplaint(outcome.complaint)) {
        m_message->show(models::Tone::Bad, outcome.complaint.words);
    }
}

void BackupDialog::setBusy(bool busy)
{
    m_form->setEnabled(!busy);
    m_save->setEnabled(!busy);
    m_test->setEnabled(!busy);
    m_message->hide();
}

} // namespace cring::ui
