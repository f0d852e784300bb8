// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/overviewpage.h"

#include "ui/models/wording.h"
#include "ui/widgets/card.h"
#include "ui/widgets/healthstrip.h"
#include "ui/widgets/ringview.h"
#include "ui/widgets/stackbar.h"
#include "ui/widgets/tables.h"
#include "ui/widgets/toneshape.h"
#include "ui/widgets/verdictbanner.h"
#include "ui/window/overviewwords.h"

#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QTableView>

namespace cring::ui {

using control::Snapshot;
using models::ServersModel;
using models::ServiceLink;
using models::TrayState;
using models::Wording;

namespace {

/// Below this many characters' widths the cards stand one below the other.
constexpr int kWideChars = 100;

} // namespace

OverviewPage::OverviewPage(models::RingModels &ring, QWidget *parent)
    : QWidget(parent)
    , m_ring(ring)
    , m_placement(ring.link)
    , m_banner(new VerdictBanner(this))
    , m_grid(new QGridLayout)
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(6 * spacingStep, 5 * spacingStep, 6 * spacingStep, 5 * spacingStep);
    column->setSpacing(4 * spacingStep);
    column->addWidget(m_banner);
    m_grid->setSpacing(4 * spacingStep);
    column->addLayout(m_grid, 1);
    m_cards = {makeRing(), makeServers(), makeCopies(), makeBackup()};
    arrange();

    auto *scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setWidget(content);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);

    connect(m_banner, &VerdictBanner::pressed, this, &OverviewPage::handleHelp);
    connect(&m_ring, &models::RingModels::conditionChanged, this, &OverviewPage::showVerdict);
    connect(&m_ring.link, &ServiceLink::snapshotChanged, this, &OverviewPage::showSnapshot);
    connect(&m_ring.link, &ServiceLink::stateChanged, this, &OverviewPage::showSnapshot);
    showVerdict();
    showSnapshot();
}

Card *OverviewPage::makeRing()
{
    auto *card = new Card(tr("The ring"));
    m_ringView = new RingView(card);
    m_legend = new RingLegend(card);
    connect(&m_placement, &models::Placement::changed, m_ringView,
            [this] { m_ringView->setPlacement(m_placement.groups()); });
    connect(m_ringView, &RingView::serverClicked, this, &OverviewPage::filesWanted);
    card->body()->addWidget(m_ringView, 1);
    card->body()->addWidget(m_legend);
    return card;
}

Card *OverviewPage::makeServers()
{
    auto *card = new Card(tr("Servers"));
    m_servers = makeTable(tr("Servers"), card);
    m_servers->setModel(&m_ring.servers);
    m_servers->setItemDelegateForColumn(ServersModel::Name,
                                        new ToneDelegate(ServersModel::ToneRole, m_servers));
    m_servers->setItemDelegateForColumn(ServersModel::Latency,
                                        new SparklineDelegate(ServersModel::LatenciesRole, m_servers));
    m_servers->setItemDelegateForColumn(ServersModel::Day,
                                        new HealthDelegate(ServersModel::DayRole, m_servers));
    // There is room for half of them; the page of servers has all.
    for (const int column : {ServersModel::Since, ServersModel::Files, ServersModel::Missing,
                             ServersModel::Owed, ServersModel::Errors, ServersModel::Role})
        m_servers->hideColumn(column);
    QHeaderView *header = m_servers->horizontalHeader();
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setSectionResizeMode(ServersModel::Latency, QHeaderView::Stretch);
    fitHeight(m_servers);
    connect(m_servers, &QTableView::activated, this, &OverviewPage::serverWanted);
    card->body()->addWidget(m_servers);
    m_clients = mutedLabel(card);
    card->body()->addWidget(m_clients);
    card->body()->addStretch(1);
    return card;
}

Card *OverviewPage::makeCopies()
{
    auto *card = new Card(tr("Copies"));
    m_copiesFigure = figureLabel(card);
    m_copiesBar = new StackBar(card);
    m_copiesWords = mutedLabel(card);
    card->body()->addWidget(m_copiesFigure);
    card->body()->addWidget(m_copiesBar);
    card->body()->addWidget(m_copiesWords);
    card->body()->addStretch(1);
    return card;
}

Card *OverviewPage::makeBackup()
{
    auto *card = new Card(tr("Backup"));
    m_backupFigure = figureLabel(card);
    m_backupBar = new StackBar(card);
    m_backupWords = mutedLabel(card);
    card->body()->addWidget(m_backupFigure);
    card->body()->addWidget(m_backupBar);
    card->body()->addWidget(m_backupWords);
    card->body()->addStretch(1);
    return card;
}

void OverviewPage::arrange()
{
    for (Card *card : m_cards)
        m_grid->removeWidget(card);
    for (int i = 0; i < m_cards.size(); ++i) {
        if (m_wide)
            m_grid->addWidget(m_cards.at(i), i / 2, i % 2 == 0 ? 0 : 2, 1, i % 2 == 0 ? 2 : 3);
        else
            m_grid->addWidget(m_cards.at(i), i, 0, 1, 5);
    }
    for (int column = 0; column < 5; ++column)
        m_grid->setColumnStretch(column, 1);
    m_grid->setRowStretch(0, 1);
}

void OverviewPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    const bool wide = width() >= kWideChars * fontMetrics().averageCharWidth();
    if (wide == m_wide)
        return;
    m_wide = wide;
    arrange();
}

void OverviewPage::showVerdict()
{
    const models::Condition &condition = m_ring.condition();
    QString button;
    m_help = Help::None;
    m_helpServer = condition.causes.isEmpty() ? QString() : condition.causes.first().server;
    if (m_ring.link.state() == ServiceLink::State::NotRunning) {
        m_help = Help::Start;
        button = tr("&Start the service");
    } else if (condition.state() == TrayState::Paused) {
        m_help = Help::Resume;
        button = tr("&Resume");
    } else if (condition.firstNeedsADecision()) {
        m_help = Help::Decide;
        button = tr("&Decide…");
    } else if (!m_helpServer.isEmpty()) {
        m_help = Help::Test;
        button = tr("&Test %1…").arg(m_helpServer);
    }
    m_banner->set(toneOf(condition.state()), condition.firstLine(), detailOf(condition), button);
}

QString OverviewPage::detailOf(const models::Condition &condition) const
{
    const models::SnapshotPtr &snapshot = m_ring.link.snapshot();
    if (condition.state() != TrayState::Gone)
        return snapshot ? overview::detail(condition, *snapshot) : QString();
    if (m_ring.link.state() == ServiceLink::State::Connecting)
        return {};
    const QString what =
        m_ring.link.state() == ServiceLink::State::Hung
            ? tr("Until it answers, clients of the ring may wait in vain.")
            : tr("Until it runs, clients of the ring reach no server, and nothing is backed up.");
    return snapshot ? tr("%1 What follows is what was known last.").arg(what) : what;
}

void OverviewPage::handleHelp()
{
    switch (m_help) {
    case Help::Start:
        Q_EMIT serviceStartWanted();
        break;
    case Help::Resume:
        Q_EMIT resumeWanted();
        break;
    case Help::Test:
        Q_EMIT testWanted(m_helpServer);
        break;
    case Help::Decide:
        Q_EMIT decisionWanted();
        break;
    case Help::None:
        break;
    }
}

void OverviewPage::showSnapshot()
{
    const models::SnapshotPtr &snapshot = m_ring.link.snapshot();
    for (Card *card : m_cards) {
        card->setVisible(snapshot != nullptr);
        card->setEnabled(m_ring.link.state() == ServiceLink::State::Connected);
    }
    if (!snapshot)
        return;
    m_ringView->setSnapshot(*snapshot);
    m_legend->setSnapshot(*snapshot);
    showCopies(*snapshot);
    showBackup(*snapshot);
    showClients(*snapshot);
}

void OverviewPage::showCopies(const Snapshot &snapshot)
{
    const overview::Figure figure = overview::copies(snapshot);
    m_copiesFigure->setText(figureText(figure.figure, figure.meaning));
    m_copiesBar->setParts(figure.parts);
    m_copiesBar->setWords(figure.figure + u' ' + figure.meaning);
    m_copiesWords->setText(figure.words);
}

void OverviewPage::showBackup(const Snapshot &snapshot)
{
    const overview::Figure figure = overview::backup(snapshot);
    m_backupFigure->setText(figureText(figure.figure, figure.meaning));
    m_backupBar->setVisible(!snapshot.backups.isEmpty());
    m_backupBar->setParts(figure.parts);
    m_backupBar->setWords(figure.figure + u' ' + figure.meaning);
    m_backupWords->setText(figure.words);
}

void OverviewPage::showClients(const Snapshot &snapshot)
{
    m_clients->setText(overview::clients(snapshot));
}

} // namespace cring::ui
