// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/settings/backupform.h"
#include "ui/window/changedialog.h"

namespace cring::ui {

/// A bucket that is added as a backup, or changed.
class BackupDialog final : public ChangeDialog
{
    Q_OBJECT

public:
    /// `backup` "": to add one. The configuration outlives this, and has been read.
    BackupDialog(models::Configuration &configuration, const QString &backup, QWidget *parent);

    BackupForm &form() { return *m_form; }

private:
    bool check() override { return m_form->check(); }
    std::optional<Change> change() const override;
    bool showComplaint(const models::Complaint &complaint) override
    {
        return m_form->showComplaint(complaint);
    }
    QString triedName() const override { return m_form->entry().bucket; }
    models::CringCommand *trial(QObject *context) const override
    {
        return m_form->trial(configuration().cring(), context);
    }

    const bool m_adds;
    BackupEntry m_before;
    BackupForm *m_form;
};

/// Beside the configuration: where keys go that are to be kept in files.
QString keyFolderOf(const models::Configuration &configuration);

} // namespace cring::ui
