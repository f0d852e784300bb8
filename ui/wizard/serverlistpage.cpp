// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/serverlistpage.h"

#include "ui/models/wording.h"
#include "ui/widgets/card.h"
#include "ui/widgets/stepsview.h"
#include "ui/widgets/toneshape.h"
#include "ui/window/page.h"
#include "ui/window/trialdialog.h"
#include "ui/wizard/entrydialog.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QTreeWidget>

namespace cring::ui {

using models::Tone;

namespace {

enum Column { NameColumn, PlaceColumn, ResultColumn };

} // namespace

ServerListPage::ServerListPage(Setup &setup)
    : SetupPage(setup, tr("Your servers"),
                tr("Each is tried as soon as it is entered: whether it answers, has the same keys as the "
                   "others, and "
                   "stores a file."))
    , m_list(new QTreeWidget(this))
{
    m_list->setAccessibleName(tr("Servers"));
    m_list->setHeaderLabels({tr("Name"), tr("Place"), tr("Result")});
    m_list->setRootIsDecorated(false);
    m_list->setTabKeyNavigation(false);
    m_list->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    column()->addWidget(m_list, 1);
    QWidget *buttons = makeActions(this);
    QPushButton *add = addButton(buttons, tr("&Add…"));
    m_edit = addButton(buttons, tr("&Edit…"));
    m_remove = addButton(buttons, tr("&Remove"));
    m_steps = addButton(buttons, tr("Test &steps…"), tr("Tries it again, and shows each step"));
    qobject_cast<QHBoxLayout *>(buttons->layout())->addStretch(1);
    column()->addWidget(buttons);
    connect(add, &QPushButton::clicked, this, [this] { edit(-1); });
    connect(m_edit, &QPushButton::clicked, this, [this] { edit(chosen()); });
    connect(m_list, &QTreeWidget::itemActivated, this, [this] { edit(chosen()); });
    connect(m_remove, &QPushButton::clicked, this, &ServerListPage::remove);
    connect(m_steps, &QPushButton::clicked, this, &ServerListPage::showSteps);
    connect(m_list, &QTreeWidget::itemSelectionChanged, this, [this] {
        for (QPushButton *button : {m_edit, m_remove, m_steps})
            button->setEnabled(chosen() >= 0);
    });
    connect(&setup, &Setup::serversChanged, this, &ServerListPage::show);
    setFocusProxy(add);
}

void ServerListPage::initializePage()
{
    if (!std::exchange(m_looked, true))
        lookForHosts();
    show();
}

/// The hosts that the charm client has been used with: servers, very likely.
void ServerListPage::lookForHosts()
{
    const auto cring = setup().draft();
    if (!cring)
        return;
    models::CringCommand *command = cring->serviceCommand(
        {QStringLiteral("identity"), QStringLiteral("list"), QStringLiteral("--offline")}, this);
    connect(command, &models::CringCommand::finished, this, [this](const models::CringOutcome &outcome) {
        takeHosts(outcome.answer.value(QStringLiteral("identities")).toArray());
    });
    command->start();
}

void ServerListPage::takeHosts(const QJsonArray &identities)
{
    for (const QJsonValue &identity : identities) {
        const QJsonArray hosts = identity.toObject().value(QStringLiteral("hosts")).toArray();
        for (const QJsonValue &host : hosts) {
            // That of the ring itself is none, and Charm's own service is nobody's to replicate.
            if (host.toString() != QStringLiteral("localhost") &&
                host.toString() != QStringLiteral("cloud.charm.sh"))
                m_hosts.append(host.toString());
        }
    }
    show();
}

bool ServerListPage::isComplete() const
{
    return setup().servers.size() >= (setup().mode == Setup::Mode::Servers ? 2 : 1);
}

int ServerListPage::chosen() const
{
    const QList<QTreeWidgetItem *> items = m_list->selectedItems();
    return items.isEmpty() ? -1 : m_list->indexOfTopLevelItem(items.first());
}

void ServerListPage::show()
{
    const int before = std::max(0, chosen());
    m_list->clear();
    for (const ServerEntry &server : std::as_const(setup().servers)) {
        const Trial trial = m_trials.value(server.url);
        QString result = trial.isRunning ? tr("Being tested…") : trial.problem;
        Tone tone = trial.isRunning ? Tone::Busy : result.isEmpty() ? Tone::Unknown : Tone::Bad;
        for (const QJsonValue &step : trial.steps) {
            if (tone == Tone::Unknown)
                tone = Tone::Good;
            if (!step.toObject().value(QStringLiteral("ok")).toBool() && tone == Tone::Good) {
                tone = Tone::Bad;
                result = step.toObject().value(QStringLiteral("text")).toString();
            }
        }
        if (tone == Tone::Good)
            result = tr("Passed every step");
        auto *item = new QTreeWidgetItem(m_list, {server.name, server.url, result});
        item->setIcon(NameColumn, toneIcon(tone, Theme::of(palette())));
        item->setToolTip(ResultColumn, result);
    }
    if (QTreeWidgetItem *item = m_list->topLevelItem(std::min(before, m_list->topLevelItemCount() - 1)))
        m_list->setCurrentItem(item);
    for (QPushButton *button : {m_edit, m_remove, m_steps})
        button->setEnabled(chosen() >= 0);
    if (setup().servers.isEmpty() && !m_hosts.isEmpty())
        say(Tone::Unknown, tr("The charm client on this machine has been used with %1.")
                               .arg(models::Wording::enumeration(m_hosts)));
    else
        say(Tone::Unknown, {});
    Q_EMIT completeChanged();
}

void ServerListPage::edit(int index)
{
    ServerEntry before;
    if (index >= 0) {
        before = setup().servers.at(index);
    } else {
        const auto count = setup().servers.size();
        before = {
            QStringLiteral("charm%1").arg(count + 1), {}, QStringLiteral("35353"), QStringLiteral("1"), {}};
        if (m_hosts.size() > count)
            before.url = QStringLiteral("http://%1:35354").arg(m_hosts.at(count));
    }
    QStringList taken;
    for (qsizetype i = 0; i < setup().servers.size(); ++i) {
        if (i != index)
            taken.append(setup().servers.at(i).name);
    }
    auto *dialog = new EntryDialog(index < 0 ? tr("Add a server") : tr("Change %1").arg(before.name), before,
                                   taken, this);
    connect(dialog, &EntryDialog::entered, this, [this, index](const ServerEntry &entry) {
        if (index < 0)
            setup().servers.append(entry);
        else
            setup().servers[index] = entry;
        test(entry);
        show();
    });
    dialog->open();
}

void ServerListPage::remove()
{
    if (const int index = chosen(); index >= 0)
        setup().servers.removeAt(index);
    show();
}

/// Held against all the others that are entered.
void ServerListPage::test(const ServerEntry &server)
{
    const auto cring = setup().draft();
    if (!cring)
        return;
    ServerForm form;
    form.setEntry(server);
    models::CringCommand *command = form.trial(*cring, this);
    command->setTimeLimit(TrialDialog::time);
    m_trials.insert(server.url, {true});
    connect(command, &models::CringCommand::finished, this,
            [this, url = server.url](const models::CringOutcome &outcome) {
                Trial trial{false, outcome.answer.value(QStringLiteral("steps")).toArray()};
                if (trial.steps.isEmpty())
                    trial.problem = outcome.complaint.words;
                m_trials.insert(url, trial);
                show();
            });
    command->start();
}

void ServerListPage::showSteps()
{
    const auto cring = setup().draft();
    if (chosen() < 0 || !cring)
        return;
    const ServerEntry server = setup().servers.at(chosen());
    auto *dialog = new TrialDialog(
        server.name,
        [server, cring = *cring](QObject *context) {
            ServerForm form;
            form.setEntry(server);
            return form.trial(cring, context);
        },
        this);
    dialog->open();
}

/// What the servers are together: none twice, none that is the ring itself.
bool ServerListPage::validatePage()
{
    QStringList urls;
    for (const ServerEntry &server : std::as_const(setup().servers)) {
        if (urls.contains(server.url)) {
            say(Tone::Bad, tr("%1 is there twice.").arg(server.url));
            return false;
        }
        urls.append(server.url);
    }
    return true;
}

} // namespace cring::ui
