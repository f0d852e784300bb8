// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/window/serverform.h"

#include <QDialog>

namespace cring::ui {

/// A server of the wizard's list is entered. Changes nothing by itself.
class EntryDialog : public QDialog
{
    Q_OBJECT

public:
    /// `taken`: names of the others.
    EntryDialog(const QString &title, const ServerEntry &entry, QStringList taken, QWidget *parent);

Q_SIGNALS:
    void entered(const cring::ui::ServerEntry &entry);

private:
    void handleAccepted();

    const QStringList m_taken;
    ServerForm *m_form;
};

} // namespace cring::ui
