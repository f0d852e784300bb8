// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/backupspage.h"

#include "ui/settings/backupdialog.h"
#include "ui/widgets/card.h"
#include "ui/window/page.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QTreeWidget>

namespace cring::ui {

namespace {

/// A place of keys that can be emptied from here; others are made outside of this program.
bool isOurs(const QString &place)
{
    return place == QStringLiteral("keychain") || place.startsWith(QStringLiteral("file:"));
}

} // namespace

BackupsPage::BackupsPage(models::Configuration &configuration, QWidget *parent)
    : QWidget(parent)
    , m_configuration(configuration)
    , m_list(new QTreeWidget(this))
{
    m_list->setAccessibleName(tr("Backups"));
    m_list->setHeaderLabels({tr("Name"), tr("Bucket"), tr("Place"), tr("Keys")});
    m_list->setRootIsDecorated(false);
    m_list->setTabKeyNavigation(false);
    m_list->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3 * spacingStep);
    QLabel *words = mutedLabel(this);
    words->setText(tr("Every file goes to each of these S3 buckets as well, as the servers store it."));
    layout->addWidget(words);
    layout->addWidget(m_list, 1);
    QWidget *buttons = makeActions(this);
    QPushButton *add = addButton(buttons, tr("&Add…"));
    m_edit = addButton(buttons, tr("&Edit…"));
    m_remove = addButton(buttons, tr("&Remove…"));
    qobject_cast<QHBoxLayout *>(buttons->layout())->addStretch(1);
    for (QPushButton *button : {add, m_edit, m_remove})
        button->setAutoDefault(false);
    layout->addWidget(buttons);
    connect(add, &QPushButton::clicked, this, [this] { open({}); });
    connect(m_edit, &QPushButton::clicked, this, [this] { open(chosen()); });
    connect(m_list, &QTreeWidget::itemActivated, m_edit, &QPushButton::click);
    connect(m_remove, &QPushButton::clicked, this, &BackupsPage::askRemoval);
    connect(m_list, &QTreeWidget::itemSelectionChanged, this, [this] {
        m_edit->setEnabled(!chosen().isEmpty());
        m_remove->setEnabled(!chosen().isEmpty());
    });
    connect(&configuration, &models::Configuration::changed, this, &BackupsPage::show);
    show();
}

void BackupsPage::show()
{
    const QString before = chosen();
    m_list->clear();
    const QJsonArray backups = m_configuration.backups();
    for (const QJsonValue &backup : backups) {
        const BackupEntry entry = BackupEntry::of(backup.toObject());
        auto *item = new QTreeWidgetItem(
            m_list, {entry.name, entry.bucket, entry.url,
                     entry.accessPlace == QStringLiteral("keychain") ? tr("in the keychain")
                     : entry.accessPlace == QStringLiteral("env")    ? tr("in the environment")
                                                                     : tr("in files")});
        if (entry.name == before)
            item->setSelected(true);
    }
    if (chosen().isEmpty() && m_list->topLevelItemCount() > 0)
        m_list->setCurrentItem(m_list->topLevelItem(0));
    m_edit->setEnabled(!chosen().isEmpty());
    m_remove->setEnabled(!chosen().isEmpty());
}

QString BackupsPage::chosen() const
{
    const QList<QTreeWidgetItem *> items = m_list->selectedItems();
    return items.isEmpty() ? QString() : items.first()->text(0);
}

void BackupsPage::open(const QString &backup)
{
    auto *dialog = new BackupDialog(m_configuration, backup, this);
    connect(dialog, &BackupDialog::done, this, &BackupsPage::done);
    dialog->open();
}

QString BackupsPage::removalWords(const BackupEntry &entry) const
{
    QStringList lines{tr("What is in the bucket stays there. Files that change from now on are not in it. "
                         "There is no way back but to add it again.")};
    if (entry.accessPlace == QStringLiteral("keychain"))
        lines.append(tr("Its keys stay in the desktop’s keychain, unless they are deleted, too."));
    else if (isOurs(entry.accessPlace))
        lines.append(tr("Its keys stay in their files, unless they are deleted, too: %1")
                         .arg(entry.accessPlace.mid(static_cast<int>(qstrlen("file:")))));
    else
        lines.append(tr("Its keys are kept outside of Charmed Ring, and stay there."));
    return lines.join(QStringLiteral("\n\n"));
}

void BackupsPage::askRemoval()
{
    const QString name = chosen();
    auto *box = new QMessageBox(QMessageBox::Warning, tr("Remove %1").arg(name),
                                tr("Stop backing up to %1?").arg(name), QMessageBox::Cancel, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    const BackupEntry entry = BackupEntry::of(m_configuration.backup(name));
    box->setInformativeText(removalWords(entry));
    auto *forget = isOurs(entry.accessPlace) || isOurs(entry.secretPlace)
                       ? new QCheckBox(tr("&Delete its keys, too"), box)
                       : nullptr;
    if (forget) {
        forget->setAccessibleName(tr("Delete its keys, too"));
        box->setCheckBox(forget);
    }
    QPushButton *yes = box->addButton(tr("&Remove"), QMessageBox::DestructiveRole);
    box->setDefaultButton(QMessageBox::Cancel);
    connect(yes, &QPushButton::clicked, this,
            [this, name, forget] { remove(name, forget && forget->isChecked()); });
    box->open();
}

void BackupsPage::remove(const QString &backup, bool forgetsKeys)
{
    QStringList arguments{QStringLiteral("backup"), QStringLiteral("remove"), backup,
                          QStringLiteral("--yes")};
    if (forgetsKeys)
        arguments.append(QStringLiteral("--forget-keys"));
    m_configuration.run(
        arguments, {}, this, [this, backup, forgetsKeys](const models::CringOutcome &outcome) {
            if (!outcome.ok())
                Q_EMIT failed(outcome.complaint.words);
            else if (forgetsKeys)
                Q_EMIT done(tr("Nothing more is stored in %1; its keys are deleted").arg(backup));
            else
                Q_EMIT done(tr("Nothing more is stored in %1").arg(backup));
        });
}

} // namespace cring::ui
