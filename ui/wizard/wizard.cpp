// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/wizard.h"

#include "ui/wizard/bucketpage.h"
#include "ui/wizard/finishpage.h"
#include "ui/wizard/identitypage.h"
#include "ui/wizard/modepage.h"
#include "ui/wizard/networkpage.h"
#include "ui/wizard/replicapage.h"
#include "ui/wizard/serverlistpage.h"
#include "ui/wizard/trypage.h"

#include <QAbstractButton>
#include <QFile>
#include <QMessageBox>
#include <QPushButton>
#include <QScreen>

namespace cring::ui {

SetupWizard::SetupWizard(models::Configuration &configuration, models::Autostart autostart, QWidget *parent)
    : QWizard(parent)
    , m_setup(configuration)
    , m_finish(new FinishPage(m_setup, std::move(autostart)))
    , m_try(new TryPage(m_setup))
{
    setWindowTitle(tr("Set up Charmed Ring"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWizardStyle(QWizard::ClassicStyle);
    // Going back keeps what was entered.
    setOptions(QWizard::IndependentPages | QWizard::NoBackButtonOnStartPage |
               QWizard::NoCancelButtonOnLastPage | QWizard::NoBackButtonOnLastPage);
    setPage(ModePlace, new ModePage(m_setup));
    setPage(ServersPlace, new ServerListPage(m_setup));
    setPage(ReplicasPlace, new ReplicaPage(m_setup));
    setPage(BucketPlace, new BucketPage(m_setup));
    setPage(NetworkPlace, new NetworkPage(m_setup));
    setPage(IdentityPlace, new IdentityPage(m_setup));
    setPage(FinishPlace, m_finish);
    setPage(TryPlace, m_try);
    for (const WizardButton which : {BackButton, NextButton, CommitButton, FinishButton, CancelButton})
        button(which)->setAccessibleName(buttonText(which).remove(u'&').remove(u'<').remove(u'>').trimmed());
    connect(m_finish, &FinishPage::serviceStartWanted, this, &SetupWizard::serviceStartWanted);
    connect(&configuration, &models::Configuration::changed, this, &SetupWizard::takeServers);
    const QString &file = configuration.cring().configFile();
    if (file.isEmpty() || QFile::exists(file))
        configuration.refresh();
    const QSize wanted(fontMetrics().averageCharWidth() * 105, fontMetrics().height() * 42);
    resize(wanted.boundedTo(screen()->availableSize() * 0.9));
}

void SetupWizard::takeServers()
{
    if (!m_setup.servers.isEmpty() || currentId() != ModePlace)
        return;
    const QJsonArray servers = m_setup.configuration().servers();
    for (const QJsonValue &server : servers)
        m_setup.servers.append(ServerEntry::of(server.toObject()));
}

int SetupWizard::nextId() const
{
    switch (currentId()) {
    case ServersPlace:
        return m_setup.mode == Setup::Mode::Replicas ? ReplicasPlace : BucketPlace;
    case TryPlace:
        return -1;
    default:
        return currentId() + 1;
    }
}

void SetupWizard::reject()
{
    if (m_finish->isRunning())
        return; // It takes a moment, and is undone when it fails.
    const bool entered = !m_setup.servers.isEmpty() && currentId() != TryPlace;
    if (!entered) {
        QWizard::reject();
        return;
    }
    auto *box = new QMessageBox(QMessageBox::Question, windowTitle(), tr("Stop setting up?"),
                                QMessageBox::NoButton, this);
    box->setInformativeText(tr("What you have entered is forgotten. Nothing was changed."));
    QPushButton *stop = box->addButton(tr("&Stop"), QMessageBox::DestructiveRole);
    box->setDefaultButton(box->addButton(tr("&Go on"), QMessageBox::RejectRole));
    box->setAttribute(Qt::WA_DeleteOnClose);
    connect(stop, &QPushButton::clicked, this, [this] { QWizard::reject(); });
    box->open();
}

void SetupWizard::showFailure(const QString &words)
{
    m_try->showFailure(words);
}

} // namespace cring::ui
