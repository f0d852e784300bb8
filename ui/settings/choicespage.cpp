// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/choicespage.h"

#include "ui/widgets/card.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QSpinBox>
#include <QVBoxLayout>

namespace cring::ui {

using models::DesktopChoices;
using models::NotificationChoices;
using models::Topic;

namespace {

QCheckBox *addCheck(QVBoxLayout *column, const QString &words, const QString &help)
{
    auto *check = new QCheckBox(words);
    check->setAccessibleName(QString(words).remove(u'&'));
    check->setAccessibleDescription(help);
    column->addWidget(check);
    if (!help.isEmpty()) {
        QLabel *label = mutedLabel(nullptr);
        label->setText(help);
        column->addWidget(label);
    }
    return check;
}

} // namespace

ChoicesPage::ChoicesPage(NotificationChoices &notices, DesktopChoices &desktop, QWidget *parent)
    : QWidget(parent)
    , m_notices(notices)
    , m_desktop(desktop)
    , m_degradedAfter(new QSpinBox)
    , m_metered(nullptr)
    , m_shutdown(nullptr)
    , m_closing(new QComboBox)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 3 * spacingStep, 0);
    layout->setSpacing(4 * spacingStep);
    layout->addWidget(makeNotices());
    layout->addWidget(makeDesktop());
    layout->addStretch(1);
    connect(&m_notices, &NotificationChoices::changed, this, &ChoicesPage::show);
    connect(&m_desktop, &DesktopChoices::changed, this, &ChoicesPage::show);
    show();
}

QWidget *ChoicesPage::makeNotices()
{
    auto *card = new Card(tr("Tell me when"));
    for (int i = 0; i < control::topicCount; ++i) {
        const auto topic = static_cast<Topic>(i);
        QCheckBox *check = addCheck(card->body(), models::topicWords(topic), {});
        connect(check, &QCheckBox::clicked, this,
                [this, topic](bool wanted) { m_notices.setWanted(topic, wanted); });
        m_topics.insert(topic, check);
    }
    m_degradedAfter->setRange(0, static_cast<int>(NotificationChoices::longestDegradedAfter.count()));
    m_degradedAfter->setSuffix(tr(" min"));
    m_degradedAfter->setSpecialValueText(tr("at once"));
    m_degradedAfter->setAccessibleName(tr("How long something has to be wrong"));
    connect(m_degradedAfter, &QSpinBox::valueChanged, this,
            [this](int minutes) { m_notices.setDegradedAfter(std::chrono::minutes(minutes)); });
    auto *form = new QFormLayout;
    form->addRow(tr("Something has to be &wrong for"), m_degradedAfter);
    card->body()->addLayout(form);
    QLabel *words = mutedLabel(card);
    words->setText(tr("Told once, again after 1, 10 and 60 minutes, and when it is over."));
    card->body()->addWidget(words);
    return card;
}

QWidget *ChoicesPage::makeDesktop()
{
    auto *card = new Card(tr("This desktop"));
    m_metered =
        addCheck(card->body(), tr("Rest on a &metered network"),
                 tr("Copies and backups wait while the network costs by what goes through it. Clients are "
                    "served as ever."));
    m_shutdown = addCheck(card->body(), tr("Have a shut&down wait a moment"),
                          tr("For copies that are on their way: some seconds at most."));
    connect(m_metered, &QCheckBox::clicked, this, [this](bool on) { m_desktop.setPausesOnMetered(on); });
    connect(m_shutdown, &QCheckBox::clicked, this, [this](bool on) { m_desktop.setDelaysShutdown(on); });
    m_closing->addItems({tr("Asks"), tr("Quits"), tr("Goes on in the background")});
    m_closing->setAccessibleName(tr("Without a tray icon, closing the window"));
    connect(m_closing, &QComboBox::activated, this,
            [this](int index) { m_desktop.setClosing(static_cast<DesktopChoices::Closing>(index)); });
    auto *form = new QFormLayout;
    form->addRow(tr("Without a tray icon, closin&g the window"), m_closing);
    card->body()->addLayout(form);
    return card;
}

void ChoicesPage::show()
{
    for (auto check = m_topics.constBegin(); check != m_topics.constEnd(); ++check)
        (*check)->setChecked(m_notices.isWanted(check.key()));
    m_degradedAfter->setValue(static_cast<int>(m_notices.degradedAfter().count()));
    m_degradedAfter->setEnabled(m_notices.isWanted(Topic::Degraded));
    m_metered->setChecked(m_desktop.pausesOnMetered());
    m_shutdown->setChecked(m_desktop.delaysShutdown());
    m_closing->setCurrentIndex(static_cast<int>(m_desktop.closing()));
}

} // namespace cring::ui
