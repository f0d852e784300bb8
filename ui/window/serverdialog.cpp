// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/serverdialog.h"

namespace cring::ui {

ServerDialog::ServerDialog(models::Configuration &configuration, const QString &server, QWidget *parent)
    : ChangeDialog(configuration, server.isEmpty() ? tr("Add a server") : tr("Change %1").arg(server),
                   server.isEmpty() ? tr("&Add") : tr("&Save"),
                   tr("Tries what is entered step by step, before anything is changed"), parent)
    , m_adds(server.isEmpty())
    , m_form(new ServerForm(this))
{
    if (!m_adds) {
        m_before = ServerEntry::of(configuration.server(server));
        m_form->setEntry(m_before);
    }
    setForm(m_form);
}

std::optional<ChangeDialog::Change> ServerDialog::change() const
{
    const ServerEntry now = m_form->entry();
    if (now == m_before)
        return std::nullopt;
    QStringList arguments{QStringLiteral("backends"), m_adds ? QStringLiteral("add") : QStringLiteral("edit"),
                          m_adds ? now.name : m_before.name};
    arguments += serverFlags(now, m_before);
    if (!m_adds && now.name != m_before.name)
        arguments += {QStringLiteral("--name"), now.name};
    return Change{
        arguments,
        {},
        m_adds ? tr("%1 is a server of the ring. It gets its share of the files from now on").arg(now.name)
               : tr("%1 was changed").arg(now.name)};
}

} // namespace cring::ui
