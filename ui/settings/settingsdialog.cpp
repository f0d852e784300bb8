// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/settingsdialog.h"

#include "ui/models/servicecommands.h"
#include "ui/settings/backupspage.h"
#include "ui/settings/choicespage.h"
#include "ui/settings/settingsform.h"
#include "ui/settings/settingstable.h"
#include "ui/widgets/card.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/scrollcolumn.h"
#include "ui/window/page.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QListWidget>
#include <QPushButton>
#include <QScreen>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace cring::ui {

using models::Tone;

SettingsDialog::SettingsDialog(models::Configuration &configuration, models::Autostart autostart,
                               QWidget *parent)
    : QDialog(parent)
    , m_configuration(configuration)
    , m_autostart(std::move(autostart))
    , m_names(new QListWidget(this))
    , m_pages(new QStackedWidget(this))
    , m_message(new MessageBar(this))
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Close, this))
    , m_save(m_buttons->addButton(tr("Sa&ve"), QDialogButtonBox::ApplyRole))
{
    setWindowTitle(tr("Settings"));
    setAttribute(Qt::WA_DeleteOnClose);
    m_names->setAccessibleName(tr("Subjects"));
    m_names->setMaximumWidth(fontMetrics().averageCharWidth() * 22);
    nameButtons(m_buttons);
    m_save->setDefault(true);
    auto *general = new SettingsForm(generalSettings());
    addSection(tr("General"), new ScrollColumn(makeGeneral(general)));
    m_forms.append(general);
    addSettings(tr("Servers"), new SettingsForm(serverSettings()));
    auto *backups = new BackupsPage(configuration);
    connect(backups, &BackupsPage::done, this,
            [this](const QString &words) { m_message->show(Tone::Good, words); });
    connect(backups, &BackupsPage::failed, this,
            [this](const QString &words) { m_message->show(Tone::Bad, words); });
    addSection(tr("Backup"), backups);
    addSettings(tr("Network"), new SettingsForm(networkSettings()));
    addSettings(tr("Advanced"), new SettingsForm(advancedSettings()));

    auto *middle = new QHBoxLayout;
    middle->setSpacing(4 * spacingStep);
    middle->addWidget(m_names);
    middle->addWidget(m_pages, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(3 * spacingStep);
    layout->addLayout(middle, 1);
    layout->addWidget(m_message);
    layout->addWidget(m_buttons);
    const QSize wanted(fontMetrics().averageCharWidth() * 125, fontMetrics().height() * 34);
    resize(wanted.boundedTo(screen()->availableSize() * 0.9));
    connect(m_names, &QListWidget::currentRowChanged, m_pages, &QStackedWidget::setCurrentIndex);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_save, &QPushButton::clicked, this, &SettingsDialog::save);
    connect(&configuration, &models::Configuration::changed, this, &SettingsDialog::showConfiguration);
    connect(&configuration, &models::Configuration::failed, this,
            [this](const QString &words) { m_message->show(Tone::Bad, words); });
    m_names->setCurrentRow(0);
    if (configuration.isKnown())
        showConfiguration();
    configuration.refresh();
}

void SettingsDialog::addSection(const QString &name, QWidget *page)
{
    m_names->addItem(name);
    page->setAccessibleName(name);
    m_pages->addWidget(page);
}

SettingsForm *SettingsDialog::addSettings(const QString &name, SettingsForm *form)
{
    auto *inner = new QWidget;
    auto *layout = new QVBoxLayout(inner);
    layout->setContentsMargins(0, 0, 3 * spacingStep, 0);
    layout->addWidget(form);
    layout->addStretch(1);
    addSection(name, new ScrollColumn(inner));
    m_forms.append(form);
    return form;
}

QWidget *SettingsDialog::makeGeneral(SettingsForm *form)
{
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4 * spacingStep);
    m_startsAtLogin = new QCheckBox(tr("Show the &icon when I log in"), page);
    m_startsAtLogin->setAccessibleName(tr("Show the icon when I log in"));
    m_startsAtLogin->setChecked(m_autostart.isOn());
    connect(m_startsAtLogin, &QCheckBox::clicked, this, [this](bool on) {
        if (const Status status = m_autostart.set(on); !status) {
            m_startsAtLogin->setChecked(!on);
            m_message->show(Tone::Bad, models::errorWords(status.error()));
        }
    });
    layout->addWidget(m_startsAtLogin);
    layout->addWidget(form);
    layout->addStretch(1);
    return page;
}

void SettingsDialog::addChoices(models::NotificationChoices &notices, models::DesktopChoices &desktop)
{
    addSection(tr("Notifications"), new ScrollColumn(new ChoicesPage(notices, desktop)));
}

int SettingsDialog::sectionCount() const
{
    return m_pages->count();
}

void SettingsDialog::showSection(int index)
{
    m_names->setCurrentRow(index);
}

void SettingsDialog::showConfiguration()
{
    for (SettingsForm *form : std::as_const(m_forms))
        form->show(m_configuration);
}

void SettingsDialog::save()
{
    m_message->hide();
    m_pending.clear();
    m_saved = 0;
    m_needsRestart = false;
    for (SettingsForm *form : std::as_const(m_forms)) {
        form->clearErrors();
        m_pending += form->changes();
    }
    if (m_pending.isEmpty()) {
        m_message->show(Tone::Good, tr("Nothing was changed"));
        return;
    }
    setBusy(true);
    saveNext();
}

void SettingsDialog::saveNext()
{
    if (m_pending.isEmpty()) {
        handleAllSet();
        return;
    }
    const auto change = m_pending.takeFirst();
    m_configuration.set(change.first, change.second, this,
                        [this, change](const models::CringOutcome &outcome) { handleSet(change, outcome); });
}

void SettingsDialog::handleSet(const std::pair<QString, QString> &change, const models::CringOutcome &outcome)
{
    if (outcome.ok()) {
        ++m_saved;
        m_needsRestart = m_needsRestart || outcome.answer.value(QStringLiteral("needsRestart")).toBool();
        saveNext();
        return;
    }
    m_pending.clear();
    for (qsizetype i = 0; i < m_forms.size(); ++i) {
        if (!m_forms.at(i)->hasField(change.first))
            continue;
        for (int page = 0; page < m_pages->count(); ++page) {
            if (m_pages->widget(page)->isAncestorOf(m_forms.at(i)))
                showSection(page);
        }
        setBusy(false);
        m_forms.at(i)->setError(change.first, outcome.complaint.words);
    }
    setBusy(false);
    if (m_saved > 0) {
        // What was before it is in the file already.
        m_configuration.reload(this, [](const QString &) {});
        m_configuration.refresh();
    }
}

void SettingsDialog::handleAllSet()
{
    m_configuration.reload(this, [this](const QString &problem) {
        setBusy(false);
        m_configuration.refresh();
        const bool runs = m_configuration.link().state() == models::ServiceLink::State::Connected;
        if (!problem.isEmpty())
            m_message->show(Tone::Bad, problem);
        else if (m_needsRestart && runs)
            m_message->offer(Tone::Warning,
                             tr("Saved. The service takes some of it when it is started again"),
                             tr("Res&tart the service"), [this] { Q_EMIT restartWanted(); });
        else
            m_message->show(Tone::Good, tr("Saved"));
    });
}

void SettingsDialog::setBusy(bool busy)
{
    m_pages->setEnabled(!busy);
    m_save->setEnabled(!busy);
}

} // namespace cring::ui
