// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/decisionspage.h"

#include "ui/widgets/card.h"
#include "ui/widgets/tables.h"
#include "ui/window/page.h"

#include <QHeaderView>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace cring::ui {

using models::FindingRow;
using models::FindingsModel;
using models::KeptVersionRow;
using models::KeptVersionsModel;
using models::Remedy;

namespace {

void layOut(QTableView *table, int stretched, const QList<int> &characters)
{
    QHeaderView *header = table->horizontalHeader();
    const int unit = table->fontMetrics().averageCharWidth();
    for (int column = 0; column < characters.size(); ++column)
        header->resizeSection(column, unit * characters.at(column));
    header->setSectionResizeMode(stretched, QHeaderView::Stretch);
    table->setTextElideMode(Qt::ElideMiddle);
    fitHeight(table);
}

} // namespace

DecisionsPage::DecisionsPage(models::RingModels &ring, models::ServiceCommands &commands, QWidget *parent)
    : QWidget(parent)
    , m_ring(ring)
    , m_commands(commands)
    , m_feed(ring.link, m_findings, m_versions)
    , m_stack(new QStackedWidget(this))
    , m_versionsCard(makeVersions())
    , m_findingsCard(makeFindings())
    , m_clashesCard(makeClashes())
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4 * spacingStep);
    for (Card *card : {m_versionsCard, m_findingsCard, m_clashesCard})
        column->addWidget(card);
    column->addStretch(1);
    auto *scroll = new QScrollArea(m_stack);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(content);
    m_stack->addWidget(scroll);
    m_stack->addWidget(
        makeEmptyState(tr("Nothing waits for you"),
                       tr("Versions of a file that differ without a quorum, files that nobody recorded, and "
                          "accounts that the "
                          "servers have differently would be shown here: what only a person can decide."),
                       m_stack));
    QVBoxLayout *layout = makePage(this, tr("To decide"), nullptr);
    layout->addWidget(m_stack, 1);
    connect(&m_feed, &models::DecisionsFeed::read, this, &DecisionsPage::handleRead);
    connect(&m_commands, &models::ServiceCommands::succeeded, this, [this] {
        if (isVisible())
            m_feed.readAgain();
    });
    // A repair that has ended has changed what waits.
    connect(&ring.jobs, &QAbstractItemModel::dataChanged, this, [this] {
        if (isVisible())
            m_feed.readAgain();
    });
    connect(&ring.link, &models::ServiceLink::stateChanged, this, &DecisionsPage::showState);
    handleRead();
}

qint64 DecisionsPage::countOf(const control::Snapshot &snapshot)
{
    return snapshot.findings + snapshot.conflicts + snapshot.accounts.clashes.size();
}

Card *DecisionsPage::makeVersions()
{
    auto *card = new Card(tr("Versions of files"));
    m_versionsTable = makeTable(tr("Versions of files"), card);
    m_versionsTable->setModel(&m_versions);
    layOut(m_versionsTable, KeptVersionsModel::File, {40, 24, 14, 24, 12});
    connect(m_versionsTable->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &DecisionsPage::showState);
    QLabel *words = mutedLabel(card);
    words->setText(
        tr("Versions are kept aside before something else is written over them. One of them can be "
           "made the file again; nothing has to be done."));
    QWidget *actions = makeActions(card);
    m_choose =
        addButton(actions, tr("Make it &hold…"), tr("All clients get the chosen version from then on"));
    m_discard = addButton(actions, tr("Thro&w away…"), tr("The chosen version is deleted for good"));
    m_undo = addButton(actions, tr("&Undo the choice"), tr("What held before the last choice holds again"));
    actions->layout()->addItem(new QSpacerItem(0, 0, QSizePolicy::Expanding));
    connect(m_choose, &QPushButton::clicked, this, &DecisionsPage::choose);
    connect(m_discard, &QPushButton::clicked, this, &DecisionsPage::discard);
    connect(m_undo, &QPushButton::clicked, this, &DecisionsPage::undo);
    card->body()->addWidget(words);
    card->body()->addWidget(m_versionsTable);
    card->body()->addWidget(actions);
    return card;
}

Card *DecisionsPage::makeFindings()
{
    auto *card = new Card(tr("What the checks have found"));
    m_findingsTable = makeTable(tr("What the checks have found"), card);
    m_findingsTable->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_findingsTable->setModel(&m_findings);
    layOut(m_findingsTable, FindingsModel::File, {36, 40, 16, 14, 12});
    connect(m_findingsTable->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &DecisionsPage::showState);
    m_unshown = mutedLabel(card);
    QWidget *actions = makeActions(card);
    for (const Remedy remedy : {Remedy::Adopt, Remedy::Mend, Remedy::Forget}) {
        QPushButton *button = addButton(actions, decision::buttonWords(remedy));
        connect(button, &QPushButton::clicked, this, [this, remedy] { mend(remedy); });
        m_remedies.insert(remedy, button);
    }
    actions->layout()->addItem(new QSpacerItem(0, 0, QSizePolicy::Expanding));
    card->body()->addWidget(m_findingsTable);
    card->body()->addWidget(m_unshown);
    card->body()->addWidget(actions);
    return card;
}

Card *DecisionsPage::makeClashes()
{
    auto *card = new Card(tr("Accounts that the servers have differently"));
    m_clashes = mutedLabel(card);
    m_clashes->setObjectName(QStringLiteral("clashes"));
    m_clashes->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    card->body()->addWidget(m_clashes);
    return card;
}

void DecisionsPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    m_feed.setWatched(true);
}

void DecisionsPage::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    m_feed.setWatched(false);
}

void DecisionsPage::handleRead()
{
    QStringList sentences;
    for (QString clash : m_feed.clashes()) {
        if (!clash.isEmpty())
            clash[0] = clash.at(0).toUpper();
        sentences.append(clash + u'.');
    }
    m_clashes->setText(sentences.join(u'\n'));
    m_unshown->setText(tr("%n more are not shown: they come up once some of these are decided.", nullptr,
                          static_cast<int>(std::min<qint64>(m_feed.unshown(), 1'000'000))));
    m_unshown->setVisible(m_feed.unshown() > 0);
    m_versionsCard->setVisible(m_versions.rowCount() > 0);
    m_findingsCard->setVisible(m_findings.rowCount() > 0);
    m_clashesCard->setVisible(!sentences.isEmpty());
    const bool some = m_versions.rowCount() > 0 || m_findings.rowCount() > 0 || !sentences.isEmpty();
    m_stack->setCurrentIndex(some ? 0 : 1);
    showState();
}

const KeptVersionRow *DecisionsPage::chosenVersion() const
{
    const QModelIndexList rows = m_versionsTable->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : m_versions.rowAt(rows.first().row());
}

QList<FindingRow> DecisionsPage::chosenFindings() const
{
    QList<FindingRow> findings;
    const QModelIndexList rows = m_findingsTable->selectionModel()->selectedRows();
    for (const QModelIndex &index : rows) {
        if (const FindingRow *row = m_findings.rowAt(index.row()))
            findings.append(*row);
    }
    return findings;
}

void DecisionsPage::showState()
{
    const bool connected = m_ring.link.state() == models::ServiceLink::State::Connected;
    const KeptVersionRow *version = chosenVersion();
    const bool kept = connected && version && !version->isCurrent();
    m_choose->setEnabled(kept);
    m_discard->setEnabled(kept);
    m_undo->setVisible(m_before && m_versions.keptLike(*m_before));
    m_undo->setEnabled(connected);
    const QList<FindingRow> findings = chosenFindings();
    for (auto button = m_remedies.constBegin(); button != m_remedies.constEnd(); ++button) {
        const bool fits = std::ranges::all_of(
            findings, [&](const FindingRow &one) { return models::remediesOf(one).contains(button.key()); });
        (*button)->setEnabled(connected && !findings.isEmpty() && fits);
    }
}

void DecisionsPage::ask(const decision::Question &question, const std::function<void()> &then)
{
    auto *box = new QMessageBox(question.isDestructive ? QMessageBox::Warning : QMessageBox::Question,
                                question.title, question.text, QMessageBox::Cancel, this);
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(question.detail);
    QPushButton *yes = box->addButton(question.yes, question.isDestructive ? QMessageBox::DestructiveRole
                                                                           : QMessageBox::AcceptRole);
    if (question.isDestructive)
        box->setDefaultButton(QMessageBox::Cancel);
    else
        box->setDefaultButton(yes);
    box->setAttribute(Qt::WA_DeleteOnClose);
    connect(yes, &QPushButton::clicked, this, then);
    box->open();
}

void DecisionsPage::choose()
{
    const KeptVersionRow *version = chosenVersion();
    if (!version || version->isCurrent())
        return;
    const KeptVersionRow *current = m_versions.currentOf(*version);
    const qint64 now = m_ring.link.snapshot()->takenMs;
    const std::optional<KeptVersionRow> before = current ? std::optional(*current) : std::nullopt;
    ask(decision::choosing(*version, current, now), [this, id = version->id, before] {
        m_before = before;
        m_commands.chooseVersion(id);
    });
}

void DecisionsPage::discard()
{
    const KeptVersionRow *version = chosenVersion();
    if (!version || version->isCurrent())
        return;
    ask(decision::discarding(*version, m_ring.link.snapshot()->takenMs),
        [this, id = version->id] { m_commands.discardVersion(id); });
}

void DecisionsPage::undo()
{
    const KeptVersionRow *before = m_before ? m_versions.keptLike(*m_before) : nullptr;
    if (!before)
        return;
    const qint64 id = before->id;
    m_before.reset();
    m_commands.chooseVersion(id);
}

void DecisionsPage::mend(Remedy remedy)
{
    const QList<FindingRow> findings = chosenFindings();
    if (findings.isEmpty())
        return;
    QStringList paths;
    for (const FindingRow &finding : findings)
        paths.append(finding.fullPath());
    ask(decision::mending(remedy, findings), [this, remedy, paths] { m_commands.remedy(remedy, paths); });
}

} // namespace cring::ui
