// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/entrydialog.h"

#include "ui/widgets/card.h"
#include "ui/widgets/scrollcolumn.h"
#include "ui/window/page.h"

#include <QDialogButtonBox>
#include <QPushButton>
#include <QVBoxLayout>

namespace cring::ui {

EntryDialog::EntryDialog(const QString &title, const ServerEntry &entry, QStringList taken, QWidget *parent)
    : QDialog(parent)
    , m_taken(std::move(taken))
    , m_form(new ServerForm(this))
{
    setWindowTitle(title);
    setAttribute(Qt::WA_DeleteOnClose);
    m_form->setEntry(entry);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    nameButtons(buttons);
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(3 * spacingStep);
    layout->addWidget(new ScrollColumn(m_form, this), 1);
    layout->addWidget(buttons);
    setMinimumWidth(fontMetrics().averageCharWidth() * 72);
    connect(buttons, &QDialogButtonBox::accepted, this, &EntryDialog::handleAccepted);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

void EntryDialog::handleAccepted()
{
    if (!m_form->check())
        return;
    const ServerEntry entry = m_form->entry();
    if (m_taken.contains(entry.name)) {
        m_form->setError(QStringLiteral("name"), tr("Another server is called so."));
        return;
    }
    Q_EMIT entered(entry);
    accept();
}

} // namespace cring::ui
