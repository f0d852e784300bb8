// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/transferscard.h"

#include "ui/models/shutdownsafety.h"
#include "ui/models/wording.h"
#include "ui/widgets/tables.h"
#include "ui/widgets/toneshape.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>

namespace cring::ui {

using models::ShutdownSafety;
using models::Tone;
using models::TransfersModel;

namespace {

Tone toneOf(ShutdownSafety::State state)
{
    switch (state) {
    case ShutdownSafety::State::Safe:
        return Tone::Good;
    case ShutdownSafety::State::Soon:
        return Tone::Busy;
    case ShutdownSafety::State::Waiting:
        return Tone::Warning;
    case ShutdownSafety::State::Unknown:
        break;
    }
    return Tone::Unknown;
}

} // namespace

TransfersCard::TransfersCard(models::RingModels &ring, QWidget *parent)
    : Card(tr("Transfers under way"), parent)
    , m_ring(ring)
    , m_shape(new QLabel(this))
    , m_safety(new QLabel(this))
    , m_table(makeTable(tr("Transfers under way"), this))
    , m_none(mutedLabel(this))
{
    auto *safety = new QHBoxLayout;
    safety->setSpacing(2 * spacingStep);
    m_safety->setTextFormat(Qt::PlainText);
    m_safety->setWordWrap(true);
    safety->addWidget(m_shape);
    safety->addWidget(m_safety, 1);
    body()->addLayout(safety);
    m_table->setModel(&ring.transfers);
    m_table->setItemDelegateForColumn(TransfersModel::Kind,
                                      new ToneDelegate(TransfersModel::ToneRole, m_table));
    m_table->setItemDelegateForColumn(TransfersModel::Progress,
                                      new ProgressDelegate(TransfersModel::FractionRole, m_table));
    m_table->setTextElideMode(Qt::ElideMiddle);
    QHeaderView *header = m_table->horizontalHeader();
    const int unit = fontMetrics().averageCharWidth();
    header->resizeSection(TransfersModel::Kind, unit * 20);
    header->resizeSection(TransfersModel::File, unit * 26);
    header->resizeSection(TransfersModel::Progress, unit * 24);
    header->resizeSection(TransfersModel::Rate, unit * 13);
    header->resizeSection(TransfersModel::TimeLeft, unit * 13);
    header->setSectionResizeMode(TransfersModel::Copies, QHeaderView::Stretch);
    header->setMinimumSectionSize(unit * 8);
    constexpr int kMostRows = 6; // The jobs below want to be seen, too.
    fitHeight(m_table, kMostRows);
    m_none->setText(tr("No client brings or fetches anything now."));
    body()->addWidget(m_table);
    body()->addWidget(m_none);
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&ring.transfers, signal, this, &TransfersCard::showTransfers);
    connect(&ring.link, &models::ServiceLink::snapshotChanged, this, &TransfersCard::showSafety);
    connect(&ring.link, &models::ServiceLink::stateChanged, this, &TransfersCard::showSafety);
    showTransfers();
    showSafety();
}

void TransfersCard::showEvent(QShowEvent *event)
{
    Card::showEvent(event);
    m_ring.transfersFeed.setWatched(true);
}

void TransfersCard::hideEvent(QHideEvent *event)
{
    Card::hideEvent(event);
    m_ring.transfersFeed.setWatched(false);
}

void TransfersCard::changeEvent(QEvent *event)
{
    Card::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        showSafety();
}

void TransfersCard::showSafety()
{
    const bool connected = m_ring.link.state() == models::ServiceLink::State::Connected;
    const ShutdownSafety safety =
        models::shutdownSafety(connected ? m_ring.link.snapshot() : models::SnapshotPtr());
    m_safety->setText(safety.words);
    const int side = fontMetrics().height();
    m_shape->setPixmap(toneIcon(toneOf(safety.state), Theme::of(palette())).pixmap(side));
}

void TransfersCard::showTransfers()
{
    const bool some = m_ring.transfers.rowCount() > 0;
    m_table->setVisible(some);
    m_none->setVisible(!some);
}

} // namespace cring::ui
