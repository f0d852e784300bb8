// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/backupdialog.h"

#include <QDir>
#include <QFileInfo>

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
    : ChangeDialog(configuration, backup.isEmpty() ? tr("Add a backup") : tr("Change %1").arg(backup),
                   backup.isEmpty() ? tr("&Add") : tr("Sa&ve"),
                   tr("Looks at the bucket step by step, and writes, reads and deletes a small object"),
                   parent)
    , m_adds(backup.isEmpty())
    , m_form(new BackupForm(keyFolderOf(configuration), this))
{
    if (!m_adds) {
        m_before = BackupEntry::of(configuration.backup(backup));
        m_form->setEntry(m_before);
    }
    setForm(m_form);
}

std::optional<ChangeDialog::Change> BackupDialog::change() const
{
    const BackupEntry now = m_form->entry();
    if (now == m_before && !m_form->hasKeys())
        return std::nullopt;
    QStringList arguments{QStringLiteral("backup"), m_adds ? QStringLiteral("add") : QStringLiteral("edit"),
                          m_adds ? now.name : m_before.name};
    arguments += backupFlags(now, m_before);
    if (!m_adds && now.name != m_before.name)
        arguments += {QStringLiteral("--name"), now.name};
    if (m_form->hasKeys())
        arguments.append(QStringLiteral("--secret-stdin"));
    return Change{arguments, m_form->hasKeys() ? m_form->keys() : Secret(),
                  m_adds ? tr("%1 gets every file from now on").arg(now.name)
                         : tr("%1 was changed").arg(now.name)};
}

} // namespace cring::ui
