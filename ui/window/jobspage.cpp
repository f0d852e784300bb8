// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/jobspage.h"

#include "ui/widgets/card.h"
#include "ui/widgets/tables.h"
#include "ui/window/page.h"
#include "ui/window/transferscard.h"

#include <QHeaderView>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace cring::ui {

using models::JobRow;
using models::JobsModel;

JobsPage::JobsPage(models::RingModels &ring, models::ServiceCommands &commands, QWidget *parent)
    : QWidget(parent)
    , m_ring(ring)
    , m_commands(commands)
    , m_stack(new QStackedWidget(this))
    , m_table(makeTable(tr("Jobs"), this))
{
    m_table->setModel(&ring.jobs);
    m_table->setItemDelegateForColumn(JobsModel::Progress,
                                      new ProgressDelegate(JobsModel::FractionRole, m_table));
    QHeaderView *header = m_table->horizontalHeader();
    const int unit = fontMetrics().averageCharWidth();
    header->resizeSection(JobsModel::Kind, unit * 24);
    header->resizeSection(JobsModel::State, unit * 18);
    header->resizeSection(JobsModel::Progress, unit * 18);
    header->resizeSection(JobsModel::Rate, unit * 11);
    header->resizeSection(JobsModel::TimeLeft, unit * 16);
    header->resizeSection(JobsModel::Started, unit * 18);
    header->setSectionResizeMode(JobsModel::Phase, QHeaderView::Stretch);
    auto *card = new Card({}, this);
    card->body()->addWidget(m_table);
    m_stack->addWidget(card);
    m_stack->addWidget(makeEmptyState(
        tr("No jobs yet"),
        tr("All files are checked now and then by themselves; a check can be started here at any time."),
        m_stack));
    QVBoxLayout *layout = makePage(this, tr("Jobs"), makeButtons());
    layout->addWidget(new TransfersCard(ring, this));
    layout->addWidget(m_stack, 1);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &JobsPage::showState);
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&ring.jobs, signal, this, &JobsPage::showState);
    connect(&ring.jobs, &QAbstractItemModel::dataChanged, this, &JobsPage::showState);
    connect(&ring.link, &models::ServiceLink::stateChanged, this, &JobsPage::showState);
    showState();
}

QWidget *JobsPage::makeButtons()
{
    QWidget *buttons = makeActions(this);
    m_check = addButton(buttons, tr("Chec&k all files"));
    auto *kinds = new QMenu(m_check);
    kinds->addAction(tr("&Quickly: names, sizes and times"), this, [this] { m_commands.checkFiles(false); });
    kinds->addAction(tr("&Deeply: every byte of every copy"), this, [this] { m_commands.checkFiles(true); });
    m_check->setMenu(kinds);
    m_pause = addButton(buttons, tr("&Pause"));
    m_cancel = addButton(buttons, tr("&End…"));
    connect(m_pause, &QPushButton::clicked, this, [this] {
        const JobRow *job = chosen();
        if (!job)
            return;
        if (job->state == QStringLiteral("paused"))
            m_commands.resumeJob(job->id);
        else
            m_commands.pauseJob(job->id);
    });
    connect(m_cancel, &QPushButton::clicked, this, &JobsPage::askCancel);
    return buttons;
}

const JobRow *JobsPage::chosen() const
{
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : m_ring.jobs.rowAt(rows.first().row());
}

void JobsPage::showState()
{
    const bool connected = m_ring.link.state() == models::ServiceLink::State::Connected;
    m_stack->setCurrentIndex(m_ring.jobs.rowCount() == 0 ? 1 : 0);
    const JobRow *job = chosen();
    const bool underWay = connected && job && job->isUnderWay();
    m_check->setEnabled(connected);
    m_pause->setEnabled(underWay);
    m_cancel->setEnabled(underWay);
    const QString words = underWay && job->state == QStringLiteral("paused") ? tr("&Go on") : tr("&Pause");
    m_pause->setText(words);
    m_pause->setAccessibleName(QString(words).remove(u'&'));
}

void JobsPage::askCancel()
{
    const JobRow *job = chosen();
    if (!job)
        return;
    auto *box =
        new QMessageBox(QMessageBox::Question, tr("End the job"),
                        tr("End “%1”?").arg(models::jobKindWords(job->kind)), QMessageBox::Cancel, this);
    box->setInformativeText(
        tr("What is done stays done. A pause would let it go on later from where it is."));
    QPushButton *yes = box->addButton(tr("&End it"), QMessageBox::AcceptRole);
    box->setDefaultButton(QMessageBox::Cancel);
    box->setAttribute(Qt::WA_DeleteOnClose);
    connect(yes, &QPushButton::clicked, this, [this, id = job->id] { m_commands.cancelJob(id); });
    box->open();
}

} // namespace cring::ui
