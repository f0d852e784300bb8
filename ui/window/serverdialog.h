// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/window/changedialog.h"
#include "ui/window/serverform.h"

namespace cring::ui {

/// A server that is added, or changed.
class ServerDialog final : public ChangeDialog
{
    Q_OBJECT

public:
    /// `server` "": to add one; else the configuration has it. The configuration outlives this.
    ServerDialog(models::Configuration &configuration, const QString &server, QWidget *parent);

    ServerForm &form() { return *m_form; }

private:
    bool check() override { return m_form->check(); }
    std::optional<Change> change() const override;
    bool showComplaint(const models::Complaint &complaint) override
    {
        return m_form->showComplaint(complaint);
    }
    QString triedName() const override { return m_form->entry().name; }
    models::CringCommand *trial(QObject *context) const override
    {
        return m_form->trial(configuration().cring(), context);
    }

    const bool m_adds;
    ServerEntry m_before;
    ServerForm *m_form;
};

} // namespace cring::ui
