// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/backuppage.h"

#include "ui/models/wording.h"
#include "ui/widgets/card.h"
#include "ui/widgets/tables.h"
#include "ui/window/backupchart.h"
#include "ui/window/page.h"

#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace cring::ui {

using models::BackupRow;
using models::BackupsModel;
using models::Wording;

BackupPage::BackupPage(models::RingModels &ring, models::ServiceCommands &commands, QWidget *parent)
    : QWidget(parent)
    , m_ring(ring)
    , m_commands(commands)
    , m_stack(new QStackedWidget(this))
    , m_chart(new BackupChart(this))
    , m_table(makeTable(tr("Buckets"), this))
    , m_details(mutedLabel(this))
{
    m_table->setModel(&ring.backups);
    m_table->setItemDelegateForColumn(BackupsModel::Name, new ToneDelegate(BackupsModel::ToneRole, m_table));
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(BackupsModel::State, QHeaderView::Stretch);
    m_details->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto *card = new Card({}, this);
    fitHeight(m_table);
    card->body()->addWidget(m_table);
    card->body()->addWidget(m_details);
    card->body()->addStretch(1);
    auto *history = new Card(tr("What waited in the last 24 hours"), this);
    history->body()->addWidget(m_chart);
    auto *cards = new QWidget(m_stack);
    auto *column = new QVBoxLayout(cards);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4 * spacingStep);
    column->addWidget(card, 3);
    column->addWidget(history, 2);
    m_stack->addWidget(cards);
    auto *first = new QPushButton(tr("&Set up a backup…"));
    connect(first, &QPushButton::clicked, this, &BackupPage::setupWanted);
    m_stack->addWidget(makeEmptyState(
        tr("No backup yet"),
        tr("A bucket at any S3-compatible store gets every file as well, seconds after it was stored."),
        m_stack, first));
    QVBoxLayout *layout = makePage(this, tr("Backup"), makeButtons());
    m_reminder = new QLabel(this);
    m_reminder->setTextFormat(Qt::PlainText);
    m_reminder->setWordWrap(true);
    layout->addWidget(m_reminder);
    layout->addWidget(m_stack, 1);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &BackupPage::showState);
    connect(&ring.link, &models::ServiceLink::snapshotChanged, this, &BackupPage::showState);
    connect(&ring.link, &models::ServiceLink::stateChanged, this, &BackupPage::showState);
    showState();
}

QWidget *BackupPage::makeButtons()
{
    QWidget *buttons = makeActions(this);
    m_now = addButton(buttons, tr("&Back up now"), tr("Everything that waits is tried at once"));
    m_verify = addButton(buttons, tr("Chec&k the bucket"),
                         tr("Compares what is in it with what should be, both ways"));
    m_kit = addButton(buttons, tr("&Recovery kit…"), tr("The key on paper that opens the saved accounts"));
    connect(m_kit, &QPushButton::clicked, this, &BackupPage::kitWanted);
    connect(m_now, &QPushButton::clicked, this, [this] {
        if (const BackupRow *backup = chosen())
            m_commands.backUpNow(backup->backup.name);
    });
    connect(m_verify, &QPushButton::clicked, this, [this] {
        if (const BackupRow *backup = chosen())
            m_commands.checkBackup(backup->backup.name);
    });
    return buttons;
}

const BackupRow *BackupPage::chosen() const
{
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : m_ring.backups.rowAt(rows.first().row());
}

void BackupPage::showState()
{
    const bool connected = m_ring.link.state() == models::ServiceLink::State::Connected;
    m_stack->setCurrentIndex(m_ring.backups.rowCount() == 0 ? 1 : 0);
    if (!chosen() && m_ring.backups.rowCount() > 0)
        m_table->selectRow(0);
    const BackupRow *row = chosen();
    m_now->setEnabled(connected && row);
    m_verify->setEnabled(connected && row);
    m_details->setText(row ? details(*row) : QString());
    m_kit->setEnabled(connected);
    showReminder();
    if (row)
        m_chart->setSamples(m_ring.backupHistory.of(row->backup.id), row->takenMs);
}

/// Until it is made, and known to be readable.
void BackupPage::showReminder()
{
    const models::SnapshotPtr &snapshot = m_ring.link.snapshot();
    QString words;
    if (snapshot && !snapshot->backups.isEmpty()) {
        const control::RecoveryKitStatus &kit = snapshot->recoveryKit;
        if (kit.name.isEmpty())
            words = tr("There is no recovery kit: without one the accounts are not saved, and the files in "
                       "the bucket "
                       "are of no use when everything else is lost. Make one: it takes a sheet of paper.");
        else if (!kit.checkedMs)
            words =
                tr("The recovery kit %1 was never checked: type it in from the paper once.").arg(kit.name);
    }
    m_reminder->setText(words);
    m_reminder->setVisible(!words.isEmpty());
}

QString BackupPage::details(const BackupRow &row) const
{
    const control::BackupStatus &backup = row.backup;
    QStringList lines;
    for (const QString &problem : {backup.reason, backup.objectsProblem, backup.accountsProblem,
                                   backup.drill.problem, backup.growthWarning}) {
        if (!problem.isEmpty())
            lines.append(problem);
    }
    lines += backup.checkFindings;
    const bool versioned =
        backup.versioning == QStringLiteral("enabled") || backup.versioning == QStringLiteral("unknown");
    if (!versioned && backup.checkFindings.isEmpty())
        lines.append(tr("The bucket keeps no older versions, as far as is known: what is deleted or "
                        "overwritten is gone."));
    if (backup.heldDeletes > 0)
        lines.append(
            tr("%n delete(s) are held back: decide with `cring backup release` or `cring backup discard`",
               nullptr, static_cast<int>(std::min<qint64>(backup.heldDeletes, 1'000'000))));
    lines.append(tr("%1, bucket “%2”").arg(backup.url, backup.bucket));
    if (backup.drill.atMs)
        lines.append(tr("Restore drill %1 ago: %2 came back as they were (%3)")
                         .arg(Wording::age(*backup.drill.atMs, row.takenMs),
                              Wording::files(backup.drill.restored), Wording::bytes(backup.drill.bytes)));
    lines.append(tr("%1 objects stored (%2) and %3 taken away since the service started; %4 failed tries")
                     .arg(Wording::number(backup.stored), Wording::bytes(backup.storedBytes),
                          Wording::number(backup.removed), Wording::number(backup.failed)));
    return lines.join(u'\n');
}

} // namespace cring::ui
