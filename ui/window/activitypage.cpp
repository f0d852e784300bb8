// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/activitypage.h"

#include "ui/widgets/card.h"
#include "ui/widgets/tables.h"
#include "ui/window/page.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSaveFile>
#include <QStackedWidget>
#include <QTableView>

namespace cring::ui {

using models::EventsModel;

namespace {

enum Severity { Debug, Information, Warning, Bad };

/// RFC 4180; a cell that a spreadsheet would take for a formula is told to be text.
QString csvCell(QString text)
{
    if (!text.isEmpty() && QStringLiteral("=+-@\t\r").contains(text.at(0)))
        text.prepend(u'\'');
    return u'"' + text.replace(u'"', QStringLiteral("\"\"")) + u'"';
}

} // namespace

void EventsFilter::setLeast(int severity)
{
    m_least = severity;
    invalidateFilter();
}

void EventsFilter::setWords(const QString &words)
{
    m_words = words.split(u' ', Qt::SkipEmptyParts);
    invalidateFilter();
}

bool EventsFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    const QModelIndex index = sourceModel()->index(row, 0, parent);
    if (index.data(EventsModel::SeverityRole).toInt() < m_least)
        return false;
    if (m_words.isEmpty())
        return true;
    const QString text = index.data(EventsModel::SearchRole).toString();
    return std::all_of(m_words.begin(), m_words.end(),
                       [&text](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
}

QByteArray EventsFilter::toCsv() const
{
    QStringList lines;
    const auto line = [&](auto cellOf) {
        QStringList cells;
        for (int column = 0; column < columnCount(); ++column)
            cells.append(csvCell(cellOf(column)));
        lines.append(cells.join(u','));
    };
    line([this](int column) { return headerData(column, Qt::Horizontal).toString(); });
    for (int row = 0; row < rowCount(); ++row)
        line([this, row](int column) { return index(row, column).data().toString(); });
    return lines.join(QStringLiteral("\r\n")).toUtf8() + "\r\n";
}

ActivityPage::ActivityPage(EventsModel &events, QWidget *parent)
    : QWidget(parent)
    , m_filter(new EventsFilter(this))
    , m_stack(new QStackedWidget(this))
    , m_table(makeTable(tr("Activity"), this))
{
    m_filter->setSourceModel(&events);
    m_filter->setSortRole(EventsModel::SortRole);
    m_table->setModel(m_filter);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    QHeaderView *header = m_table->horizontalHeader();
    header->setStretchLastSection(true);
    const int unit = fontMetrics().averageCharWidth();
    header->resizeSection(EventsModel::Time, unit * 27);
    header->resizeSection(EventsModel::Level, unit * 16);
    header->resizeSection(EventsModel::Server, unit * 14);
    header->resizeSection(EventsModel::Account, unit * 13);
    header->resizeSection(EventsModel::Category, unit * 14);
    auto *copy = new QAction(tr("&Copy details"), m_table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    m_table->addAction(copy);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    connect(copy, &QAction::triggered, this, &ActivityPage::copyChosen);

    auto *card = new Card({}, this);
    card->body()->addWidget(m_table);
    m_stack->addWidget(card);
    m_stack->addWidget(
        makeEmptyState(tr("Nothing to show"),
                       tr("Nothing of that kind has happened yet, or no event holds these words."), m_stack));
    QVBoxLayout *layout = makePage(this, tr("Activity"), makeTools());
    layout->addWidget(m_stack, 1);
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(m_filter, signal, this, &ActivityPage::showState);
    connect(m_filter, &QAbstractItemModel::layoutChanged, this, &ActivityPage::showState);
    showState();
}

QWidget *ActivityPage::makeTools()
{
    QWidget *tools = makeActions(this);
    m_search = new QLineEdit(tools);
    m_search->setPlaceholderText(tr("Search…"));
    m_search->setAccessibleName(tr("Search the activity"));
    m_search->setClearButtonEnabled(true);
    m_search->setMinimumWidth(fontMetrics().averageCharWidth() * 14);
    m_level = new QComboBox(tools);
    m_level->setAccessibleName(tr("Least level"));
    m_level->addItem(tr("Everything"), Debug);
    m_level->addItem(tr("No details"), Information);
    m_level->addItem(tr("Trouble"), Warning);
    m_level->addItem(tr("Errors"), Bad);
    m_level->setCurrentIndex(1);
    auto *find = new QLabel(tr("&Find:"), tools);
    find->setBuddy(m_search);
    auto *show = new QLabel(tr("Sho&w:"), tools);
    show->setBuddy(m_level);
    for (QWidget *widget : QList<QWidget *>{find, m_search, show, m_level})
        tools->layout()->addWidget(widget);
    QPushButton *save = addButton(tools, tr("&Export…"));
    save->setAccessibleName(tr("Export what is shown"));
    connect(m_search, &QLineEdit::textChanged, m_filter, &EventsFilter::setWords);
    connect(m_level, &QComboBox::currentIndexChanged, this,
            [this] { m_filter->setLeast(m_level->currentData().toInt()); });
    connect(save, &QPushButton::clicked, this, &ActivityPage::exportShown);
    return tools;
}

void ActivityPage::showState()
{
    m_stack->setCurrentIndex(m_filter->rowCount() == 0 ? 1 : 0);
}

void ActivityPage::copyChosen()
{
    QStringList texts;
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    for (const QModelIndex &index : rows)
        texts.append(index.data(EventsModel::DetailsRole).toString());
    if (!texts.isEmpty())
        QApplication::clipboard()->setText(texts.join(QStringLiteral("\n\n")));
}

void ActivityPage::exportShown()
{
    auto *dialog = new QFileDialog(this, tr("Export the activity"), {}, tr("Tables (*.csv)"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &name) {
        QSaveFile file(name);
        if (file.open(QIODevice::WriteOnly) && file.write(m_filter->toCsv()) >= 0 && file.commit())
            Q_EMIT done(tr("The activity is in %1").arg(name));
        else
            Q_EMIT failed(tr("%1 could not be written: %2").arg(name, file.errorString()));
    });
    dialog->open();
}

} // namespace cring::ui
