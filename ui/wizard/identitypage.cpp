// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/identitypage.h"

#include "ui/widgets/toneshape.h"

#include <QCheckBox>
#include <QHeaderView>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace cring::ui {

using models::CringOutcome;
using models::Tone;

namespace {

/// Servers are asked whose the keys are.
constexpr std::chrono::minutes kAskTime{1};

QString known(const QJsonObject &identity)
{
    QStringList names;
    const QJsonArray servers = identity.value(QStringLiteral("servers")).toArray();
    for (const QJsonValue &server : servers) {
        if (server.toObject().value(QStringLiteral("account")).toString() == QStringLiteral("known"))
            names.append(server.toObject().value(QStringLiteral("name")).toString());
    }
    return names.join(QStringLiteral(", "));
}

} // namespace

IdentityPage::IdentityPage(Setup &setup)
    : SetupPage(
          setup, tr("Your key"),
          tr("The charm client has a key for each host that it talks to. It should use the same one with the "
             "ring, so that you are the same account and see your files."))
    , m_keys(new QTreeWidget(this))
    , m_adopt(new QCheckBox(this))
{
    m_keys->setAccessibleName(tr("Keys on this machine"));
    m_keys->setHeaderLabels({tr("Host"), tr("Account"), tr("Known on")});
    m_keys->setRootIsDecorated(false);
    m_keys->setTabKeyNavigation(false);
    m_keys->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_adopt->setChecked(setup.adopts);
    m_adopt->hide();
    column()->addWidget(m_keys, 1);
    column()->addWidget(m_adopt);
}

void IdentityPage::initializePage()
{
    const auto cring = setup().draft();
    if (!cring || m_asking)
        return;
    m_asking = true;
    m_keys->clear();
    m_adopt->hide();
    say(Tone::Busy, tr("Asking the servers whose the keys are…"));
    models::CringCommand *command =
        cring->serviceCommand({QStringLiteral("identity"), QStringLiteral("list")}, this);
    command->setTimeLimit(kAskTime);
    connect(command, &models::CringCommand::finished, this, [this](const CringOutcome &outcome) {
        take(outcome.answer.value(QStringLiteral("identities")).toArray());
        preview();
    });
    command->start();
}

void IdentityPage::take(const QJsonArray &identities)
{
    for (const QJsonValue &value : identities) {
        const QJsonObject identity = value.toObject();
        if (!identity.value(QStringLiteral("ofTheRing")).toBool())
            continue;
        QStringList hosts;
        const QJsonArray list = identity.value(QStringLiteral("hosts")).toArray();
        for (const QJsonValue &host : list)
            hosts.append(host.toString());
        const QString name = identity.value(QStringLiteral("name")).toString();
        const QString account = identity.value(QStringLiteral("account")).toString();
        auto *item = new QTreeWidgetItem(
            m_keys, {hosts.join(QStringLiteral(", ")), name.isEmpty() ? account : name, known(identity)});
        item->setIcon(0, toneIcon(account.isEmpty() ? Tone::Unknown : Tone::Good, Theme::of(palette())));
        item->setToolTip(1, account);
    }
    if (m_keys->topLevelItemCount() > 0)
        m_keys->setCurrentItem(m_keys->topLevelItem(0));
}

void IdentityPage::preview()
{
    const auto cring = setup().draft();
    if (!cring)
        return;
    models::CringCommand *command = cring->serviceCommand(
        {QStringLiteral("identity"), QStringLiteral("adopt"), QStringLiteral("--dry-run")}, this);
    connect(command, &models::CringCommand::finished, this, &IdentityPage::handlePreview);
    command->start();
}

void IdentityPage::handlePreview(const CringOutcome &outcome)
{
    m_asking = false;
    Q_EMIT completeChanged();
    const QString to = outcome.answer.value(QStringLiteral("to")).toString();
    const QString from = outcome.answer.value(QStringLiteral("from")).toString();
    setup().isAdopted = true; // Nothing to be done, unless there is.
    if (!outcome.ok()) {
        say(m_keys->topLevelItemCount() == 0 ? Tone::Unknown : Tone::Warning,
            m_keys->topLevelItemCount() == 0 ? tr("The charm client has no key for these servers yet: it "
                                                  "makes one when it is first used, and a "
                                                  "new account with it.")
                                             : outcome.complaint.words);
        return;
    }
    if (outcome.answer.value(QStringLiteral("outcome")).toString() == QStringLiteral("same")) {
        say(Tone::Good, tr("The client uses the same key with the ring already."));
        return;
    }
    setup().isAdopted = false;
    m_adopt->setText(tr("&Use the key of %1 with the ring (%2), too").arg(from, to));
    m_adopt->setAccessibleName(m_adopt->text().remove(u'&'));
    m_adopt->show();
    m_adopt->setFocus();
    say(Tone::Unknown, tr("It is copied to %1, when all is set up; nothing is taken away.")
                           .arg(outcome.answer.value(QStringLiteral("toFile")).toString()));
}

bool IdentityPage::validatePage()
{
    setup().adopts = m_adopt->isChecked();
    return true;
}

} // namespace cring::ui
