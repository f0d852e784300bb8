// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/filespage.h"

#include "ui/models/filewhere.h"
#include "ui/models/wording.h"
#include "ui/widgets/card.h"
#include "ui/widgets/placementbars.h"
#include "ui/widgets/tables.h"
#include "ui/window/page.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTableView>

#include <array>

namespace cring::ui {

using models::FileRow;
using models::FilesModel;
using models::FileView;
using models::ServiceLink;
using models::Wording;

namespace {

enum State { Listed, NoFiles, NoMatch, Failed };

/// Below this many lines the pictures give their room to the table.
constexpr int kTallLines = 34;
constexpr std::chrono::milliseconds kAskAfter{80};

} // namespace

FilesPage::FilesPage(models::RingModels &ring, models::ServiceCommands &commands, QWidget *parent)
    : QWidget(parent)
    , m_ring(ring)
    , m_commands(commands)
{
    QVBoxLayout *layout = makePage(this, tr("Files"), makeButtons());
    layout->addWidget(makeFilters());
    layout->addWidget(makePictures());
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(makeTableCard());
    m_stack->addWidget(
        makeEmptyState(tr("No files yet"),
                       tr("What clients store through the ring is listed here. What was on the "
                          "servers before is taken in by the check of all files (Jobs)."),
                       m_stack));
    m_stack->addWidget(makeEmptyState(tr("No file is like that"),
                                      tr("Nothing matches what is searched for, the account, the server and "
                                         "the choice of those at risk together."),
                                      m_stack));
    m_stack->addWidget(makeEmptyState(tr("The files cannot be listed"),
                                      tr("The service that runs does not say which files there are."),
                                      m_stack));
    layout->addWidget(m_stack, 1);

    m_ask.setSingleShot(true);
    connect(&m_ask, &QTimer::timeout, this, &FilesPage::askWhere);
    connect(&ring.files, &FilesModel::arranged, this, &FilesPage::showState);
    connect(&ring.files, &FilesModel::totalChanged, this, &FilesPage::showState);
    connect(&ring.files, &FilesModel::accountsChanged, this, &FilesPage::fillAccounts);
    connect(&ring.filesFeed, &models::FilesFeed::problemChanged, this, &FilesPage::showState);
    connect(&ring.link, &ServiceLink::snapshotChanged, this, &FilesPage::showSnapshot);
    connect(&ring.link, &ServiceLink::stateChanged, this, &FilesPage::showChosen);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &FilesPage::showChosen);
    connect(&ring.files, &QAbstractItemModel::dataChanged, this, [this] { m_ask.start(kAskAfter); });
    fillAccounts();
    showSnapshot();
    showState();
    showChosen();
}

QWidget *FilesPage::makeButtons()
{
    QWidget *buttons = makeActions(this);
    m_repair =
        addButton(buttons, tr("&Repair this"), tr("Looks at every copy of the file and puts it right"));
    m_versions = addButton(buttons, tr("&Versions…"), tr("What the backup has and had of the file"));
    connect(m_repair, &QPushButton::clicked, this, &FilesPage::repairChosen);
    connect(m_versions, &QPushButton::clicked, this, &FilesPage::askVersions);
    return buttons;
}

QWidget *FilesPage::makeFilters()
{
    QWidget *filters = makeActions(this);
    m_search = new QLineEdit(filters);
    m_search->setPlaceholderText(tr("Search names…"));
    m_search->setAccessibleName(tr("Search the files"));
    m_search->setClearButtonEnabled(true);
    m_search->setMinimumWidth(fontMetrics().averageCharWidth() * 12);
    auto *find = new QLabel(tr("&Find:"), filters);
    find->setBuddy(m_search);
    m_account = new QComboBox(filters);
    m_account->setAccessibleName(tr("Account"));
    m_server = new QComboBox(filters);
    m_server->setAccessibleName(tr("Server"));
    for (QComboBox *box : {m_account, m_server}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(10);
        connect(box, &QComboBox::currentIndexChanged, this, &FilesPage::applyFilters);
    }
    m_risk = new QCheckBox(tr("Only at ris&k"), filters);
    m_risk->setAccessibleName(tr("Only at risk"));
    m_risk->setToolTip(tr("Fewer copies than wanted, still owed to a server, or not yet in the backup"));
    for (QWidget *widget : QList<QWidget *>{find, m_search, m_account, m_server, m_risk})
        filters->layout()->addWidget(widget);
    connect(m_search, &QLineEdit::textChanged, this, &FilesPage::applyFilters);
    connect(m_risk, &QCheckBox::toggled, this, &FilesPage::applyFilters);
    return filters;
}

QWidget *FilesPage::makePictures()
{
    m_pictures = new QWidget(this);
    auto *row = new QHBoxLayout(m_pictures);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4 * spacingStep);
    auto *where = new Card(tr("Where the copies are"), m_pictures);
    m_bars = new PlacementBars(where);
    where->body()->addWidget(m_bars);
    where->body()->addStretch(1);
    auto *safe = new Card(tr("How safe"), m_pictures);
    m_columns = new SafetyColumns(safe);
    safe->body()->addWidget(m_columns, 1);
    row->addWidget(where, 3);
    row->addWidget(safe, 2);
    connect(m_bars, &PlacementBars::serverClicked, this, &FilesPage::showServer);
    return m_pictures;
}

Card *FilesPage::makeTableCard()
{
    auto *card = new Card({}, this);
    m_table = makeTable(tr("Files"), card);
    QHeaderView *header = m_table->horizontalHeader();
    header->setSortIndicator(FilesModel::Copies, Qt::AscendingOrder);
    m_table->setModel(&m_ring.files);
    m_table->setSortingEnabled(true);
    m_table->setItemDelegateForColumn(
        FilesModel::Copies, new CopiesDelegate(FilesModel::CopiesRole, FilesModel::WantedRole, m_table));
    const int unit = fontMetrics().averageCharWidth();
    constexpr std::array kChars{15, 13, 21, 16, 26, 20};
    for (int i = 0; i < static_cast<int>(kChars.size()); ++i)
        header->resizeSection(FilesModel::Account + i, unit * kChars.at(static_cast<size_t>(i)));
    header->setStretchLastSection(true);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_rowActions = {
        addRowAction(tr("&Copy path"), QKeySequence::Copy, &FilesPage::copyPath),
        addRowAction(tr("Copy &details"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C),
                     &FilesPage::copyDetails),
        addRowAction(tr("&Repair this"), {}, &FilesPage::repairChosen),
        addRowAction(tr("&Versions…"), {}, &FilesPage::askVersions),
    };
    connect(m_table, &QTableView::activated, this, &FilesPage::askVersions);
    m_count = mutedLabel(card);
    m_count->setObjectName(QStringLiteral("count"));
    m_details = new QLabel(card);
    m_details->setTextFormat(Qt::PlainText);
    m_details->setWordWrap(true);
    m_details->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_details->setObjectName(QStringLiteral("details"));
    card->body()->addWidget(m_table, 1);
    card->body()->addWidget(m_count);
    card->body()->addWidget(m_details);
    return card;
}

QAction *FilesPage::addRowAction(const QString &words, const QKeySequence &keys, void (FilesPage::*what)())
{
    auto *action = new QAction(words, m_table);
    action->setShortcut(keys);
    action->setShortcutContext(Qt::WidgetShortcut);
    m_table->addAction(action);
    connect(action, &QAction::triggered, this, what);
    return action;
}

void FilesPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    m_ring.filesFeed.start();
}

void FilesPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_pictures->setVisible(height() >= kTallLines * fontMetrics().height());
    fitNames();
}

/// What the other columns leave is the names', and never too little.
void FilesPage::fitNames()
{
    constexpr int kLeast = 30;
    const int unit = fontMetrics().averageCharWidth();
    const QHeaderView *header = m_table->horizontalHeader();
    int others = unit * 20; // Of the last one, which stretches.
    for (int column = FilesModel::Account; column < FilesModel::Why; ++column)
        others += header->sectionSize(column);
    const int room =
        m_stack->width() - 2 * 4 * spacingStep - m_table->verticalScrollBar()->sizeHint().width();
    m_table->setColumnWidth(FilesModel::Name, std::max(kLeast * unit, room - others));
}

void FilesPage::showServer(const QString &server)
{
    m_server->setCurrentIndex(std::max(0, m_server->findData(server)));
}

void FilesPage::applyFilters()
{
    FileView view = m_ring.files.view();
    view.words = m_search->text().toLower().toUtf8().split(' ');
    view.words.removeAll({});
    const QString account = m_account->currentData().toString();
    view.account = account.isEmpty() ? -1 : m_ring.files.accounts().find(account);
    const QString server = m_server->currentData().toString();
    view.server = server.isEmpty() ? -1 : m_ring.files.numberOfServer(server);
    view.onlyAtRisk = m_risk->isChecked();
    m_ring.files.setView(view);
}

void FilesPage::fillServers()
{
    QStringList names;
    for (const control::BackendStatus &backend : m_ring.link.snapshot()->backends)
        names.append(backend.name);
    QStringList shown;
    for (int i = 1; i < m_server->count(); ++i)
        shown.append(m_server->itemData(i).toString());
    if (m_server->count() > 0 && shown == names)
        return;
    const QString chosen = m_server->currentData().toString();
    m_server->clear();
    m_server->addItem(tr("All servers"), QString());
    for (const QString &name : std::as_const(names))
        m_server->addItem(name, name);
    showServer(chosen);
}

void FilesPage::fillAccounts()
{
    const QStringList &ids = m_ring.files.accounts().all();
    m_table->setColumnHidden(FilesModel::Account, ids.size() < 2); // It would say the same in every row.
    fitNames();
    if (m_account->count() == 0)
        m_account->addItem(tr("All accounts"), QString());
    for (int i = 0; i < ids.size(); ++i) {
        const QString &id = ids.at(i);
        const int item = i + 1;
        if (item == m_account->count())
            m_account->addItem(QString(), id);
        m_account->setItemText(item, m_ring.files.accountWords(id));
        m_account->setItemData(item, id, Qt::ToolTipRole);
    }
}

void FilesPage::showSnapshot()
{
    if (!m_ring.link.snapshot())
        return;
    m_bars->setSnapshot(*m_ring.link.snapshot());
    m_columns->setSnapshot(*m_ring.link.snapshot());
    fillServers();
}

void FilesPage::showState()
{
    const FilesModel &files = m_ring.files;
    State state = Listed;
    if (!m_ring.filesFeed.problem().isEmpty() && files.total() == 0)
        state = Failed;
    else if (files.total() == 0 && !files.isListing())
        state = NoFiles;
    else if (files.rowCount() == 0 && files.isArranged() && !files.isListing())
        state = NoMatch;
    m_stack->setCurrentIndex(state);
    showCount();
}

void FilesPage::showCount()
{
    const FilesModel &files = m_ring.files;
    QString words = tr("%1, %2").arg(Wording::files(files.rowCount()), Wording::bytes(files.shownBytes()));
    if (files.rowCount() < files.total() && files.isArranged())
        words = tr("%1 of %2").arg(words, Wording::number(files.total()));
    if (files.isListing())
        words = tr("Reading the list: %1 so far").arg(Wording::files(files.total()));
    QString names;
    if (files.hiddenNames() > 0 && files.hiddenNames() < files.total())
        names = tr("names are shown with your own Charm identity; others stay hidden");
    else if (files.hiddenNames() > 0)
        names = files.whyHidden().isEmpty() ? tr("names are hidden")
                                            : tr("names are hidden: %1").arg(files.whyHidden());
    m_count->setText(names.isEmpty() ? words : tr("%1 · %2").arg(words, names));
}

const FileRow *FilesPage::chosen() const
{
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : m_ring.files.rowAt(rows.first().row());
}

QString FilesPage::chosenPath() const
{
    const FileRow *row = chosen();
    return row ? QString::fromUtf8(row->key) : QString();
}

void FilesPage::showChosen()
{
    const FileRow *row = chosen();
    const bool connected = m_ring.link.state() == ServiceLink::State::Connected;
    m_repair->setEnabled(connected && row);
    m_versions->setEnabled(connected && row);
    for (QAction *action : std::as_const(m_rowActions))
        action->setEnabled(row != nullptr);
    m_details->setVisible(row != nullptr);
    if (!row || row->key != m_asked)
        m_details->clear();
    m_ask.start(kAskAfter);
}

/// Where the copies of the chosen one are: asked for that one alone.
void FilesPage::askWhere()
{
    const FileRow *row = chosen();
    if (!row || !isVisible() || m_ring.link.state() != ServiceLink::State::Connected)
        return;
    m_asked = row->key;
    const QString head =
        row->name.isEmpty()
            ? QString::fromUtf8(row->path())
            : tr("%1 (on the servers: %2)").arg(QString::fromUtf8(row->name), QString::fromUtf8(row->path()));
    m_ring.link.call(QStringLiteral("blobs.where"),
                     {{QStringLiteral("account"), m_ring.files.accounts().at(row->account)},
                      {QStringLiteral("path"), QString::fromUtf8(row->path())}},
                     this, [this, head, asked = m_asked](const Result<QJsonObject> &answer) {
                         const FileRow *now = chosen();
                         if (!now || now->key != asked)
                             return;
                         const qint64 nowMs = m_ring.link.snapshot()->takenMs;
                         m_details->setText(head + u'\n' +
                                            (answer ? models::FileWhere::lines(*answer, nowMs)
                                                    : models::errorWords(answer.error())));
                     });
}

void FilesPage::copyPath()
{
    if (const QString path = chosenPath(); !path.isEmpty())
        QApplication::clipboard()->setText(path);
}

void FilesPage::copyDetails()
{
    if (const FileRow *row = chosen()) {
        const QModelIndex index = m_ring.files.index(m_ring.files.rowOf(row->key), 0);
        QApplication::clipboard()->setText(index.data(FilesModel::DetailsRole).toString());
    }
}

void FilesPage::repairChosen()
{
    if (const QString path = chosenPath(); !path.isEmpty())
        m_commands.repair(path);
}

void FilesPage::askVersions()
{
    if (const FileRow *row = chosen())
        Q_EMIT versionsWanted(QString::fromUtf8(row->key), QString::fromUtf8(row->name));
}

} // namespace cring::ui
