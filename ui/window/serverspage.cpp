// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/serverspage.h"

#include "ui/models/wording.h"
#include "ui/widgets/card.h"
#include "ui/widgets/tables.h"
#include "ui/window/page.h"

#include <QHeaderView>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <array>

namespace cring::ui {

using models::ServerRow;
using models::ServersModel;
using models::Wording;

ServersPage::ServersPage(models::RingModels &ring, models::ServiceCommands &commands, QWidget *parent)
    : QWidget(parent)
    , m_ring(ring)
    , m_commands(commands)
    , m_sorted(new QSortFilterProxyModel(this))
    , m_stack(new QStackedWidget(this))
    , m_table(makeTable(tr("Servers"), this))
    , m_details(mutedLabel(this))
{
    m_sorted->setSourceModel(&ring.servers);
    m_sorted->setSortRole(ServersModel::SortRole);
    m_table->setModel(m_sorted);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    m_table->setItemDelegateForColumn(ServersModel::Name, new ToneDelegate(ServersModel::ToneRole, m_table));
    m_table->setItemDelegateForColumn(ServersModel::Latency,
                                      new SparklineDelegate(ServersModel::LatenciesRole, m_table));
    QHeaderView *header = m_table->horizontalHeader();
    const int unit = fontMetrics().averageCharWidth();
    constexpr std::array kChars{18, 16, 11, 22, 10, 12, 10, 10};
    for (int column = 0; column < static_cast<int>(kChars.size()); ++column)
        header->resizeSection(column, unit * kChars.at(static_cast<size_t>(column)));
    header->setStretchLastSection(true);
    m_details->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);

    auto *card = new Card({}, this);
    card->body()->addWidget(m_table, 1);
    card->body()->addWidget(m_details);
    card->body()->addWidget(makeButtons());
    m_stack->addWidget(card);
    auto *first = new QPushButton(tr("Add a &server…"));
    m_stack->addWidget(
        makeEmptyState(tr("No servers yet"), tr("Add two to start protecting files."), m_stack, first));
    QWidget *actions = makeActions(this);
    QPushButton *more = addButton(actions, tr("&Add…"), tr("Takes one more server into the ring"));
    for (QPushButton *button : {first, more})
        connect(button, &QPushButton::clicked, this, &ServersPage::addWanted);
    QVBoxLayout *layout = makePage(this, tr("Servers"), actions);
    layout->addWidget(m_stack, 1);

    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &ServersPage::showChosen);
    connect(m_table, &QTableView::activated, this, [this] {
        if (m_test->isEnabled())
            m_test->click();
    });
    connect(&ring.link, &models::ServiceLink::snapshotChanged, this, &ServersPage::showChosen);
    connect(&ring.link, &models::ServiceLink::stateChanged, this, &ServersPage::showChosen);
    showChosen();
}

QPushButton *ServersPage::addChosenButton(QWidget *buttons, const QString &words, const QString &tip,
                                          void (ServersPage::*wanted)(const QString &))
{
    QPushButton *button = addButton(buttons, words, tip);
    connect(button, &QPushButton::clicked, this, [this, wanted] {
        if (const ServerRow *server = chosen())
            Q_EMIT(this->*wanted)(server->backend.name);
    });
    return button;
}

QWidget *ServersPage::makeButtons()
{
    QWidget *buttons = makeActions(this);
    m_test = addChosenButton(buttons, tr("&Test…"),
                             tr("Goes through name, connection, keys, clock and a real file, step by step"),
                             &ServersPage::testWanted);
    m_edit = addChosenButton(buttons, tr("&Edit…"), tr("Changes its name, its place or its share"),
                             &ServersPage::editWanted);
    m_promote =
        addButton(buttons, tr("Send acco&unts here"), tr("Accounts and logins go to this server first"));
    m_drain = addButton(buttons, tr("&Drain…"), tr("Brings everything that it holds to the other servers"));
    m_remove = addChosenButton(buttons, tr("&Remove…"), tr("Says first what that costs"),
                               &ServersPage::removeWanted);
    connect(m_promote, &QPushButton::clicked, this, [this] {
        if (const ServerRow *server = chosen())
            m_commands.makePrimary(server->backend.name);
    });
    connect(m_drain, &QPushButton::clicked, this, &ServersPage::askDrain);
    qobject_cast<QHBoxLayout *>(buttons->layout())->addStretch(1);
    return buttons;
}

const ServerRow *ServersPage::chosen() const
{
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : m_ring.servers.rowAt(m_sorted->mapToSource(rows.first()).row());
}

void ServersPage::choose(const QString &server)
{
    for (int row = 0; row < m_sorted->rowCount(); ++row) {
        if (m_sorted->index(row, ServersModel::Name).data().toString() == server)
            m_table->selectRow(row);
    }
}

void ServersPage::showChosen()
{
    const bool connected = m_ring.link.state() == models::ServiceLink::State::Connected;
    m_stack->setCurrentIndex(connected && m_ring.servers.rowCount() == 0 ? 1 : 0);
    if (!chosen() && m_sorted->rowCount() > 0)
        m_table->selectRow(0);
    const ServerRow *row = chosen();
    m_test->setEnabled(connected && row);
    m_promote->setEnabled(connected && row && !row->backend.primary);
    for (QPushButton *button : {m_drain, m_edit, m_remove})
        button->setEnabled(connected && row);
    const bool draining = row && row->backend.membership == QStringLiteral("draining");
    m_drain->setText(draining ? tr("Take &back") : tr("&Drain…"));
    m_drain->setAccessibleName(draining ? tr("Take back the draining") : tr("Drain"));
    m_details->setText(row ? details(*row) : QString());
}

QString ServersPage::details(const ServerRow &row) const
{
    const control::BackendStatus &backend = row.backend;
    QStringList lines;
    if (!backend.reason.isEmpty())
        lines.append(tr("%1: %2").arg(backend.name, backend.reason));
    if (!backend.warning.isEmpty())
        lines.append(tr("%1: %2").arg(backend.name, backend.warning));
    lines.append(tr("%1 · SSH port %2 · weight %3")
                     .arg(backend.url, QString::number(backend.sshPort), QLocale().toString(backend.weight)));
    lines.append(tr("%1 sent to it, %2 received from it since the service started")
                     .arg(Wording::bytes(backend.bytesSent), Wording::bytes(backend.bytesReceived)));
    return lines.join(u'\n');
}

void ServersPage::askDrain()
{
    const ServerRow *row = chosen();
    if (!row)
        return;
    const QString name = row->backend.name;
    if (row->backend.membership == QStringLiteral("draining")) {
        m_commands.endDrain(name);
        return;
    }
    auto *box = new QMessageBox(QMessageBox::Question, tr("Drain %1").arg(name),
                                tr("Bring everything that %1 holds to the other servers?").arg(name),
                                QMessageBox::Cancel, this);
    const QString count =
        row->backend.files ? tr("To be copied: %1.").arg(Wording::files(*row->backend.files)) : QString();
    box->setInformativeText(
        tr("%1 It goes on serving what it has, gets nothing new, and can be removed afterwards. "
           "You can take this back at any time.")
            .arg(count)
            .trimmed());
    QPushButton *yes = box->addButton(tr("&Drain"), QMessageBox::AcceptRole);
    box->setDefaultButton(QMessageBox::Cancel);
    box->setAttribute(Qt::WA_DeleteOnClose);
    connect(yes, &QPushButton::clicked, this, [this, name] { m_commands.drain(name); });
    box->open();
}

} // namespace cring::ui
