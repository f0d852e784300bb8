// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/finishpage.h"

#include "ui/models/wording.h"
#include "ui/widgets/stepsview.h"

#include <QCheckBox>
#include <QLabel>
#include <QVBoxLayout>
#include <QWizard>

namespace cring::ui {

using models::Tone;

FinishPage::FinishPage(Setup &setup, models::Autostart autostart)
    : SetupPage(setup, tr("Ready"), tr("Until now nothing was changed. This is what will be set up."))
    , m_summary(new QLabel(this))
    , m_startsAtLogin(new QCheckBox(tr("Show the &icon when I log in"), this))
    , m_replace(
          new QCheckBox(tr("&Replace the configuration that is there; it is kept beside the new one"), this))
    , m_steps(new StepsView(this))
    , m_carryOut(setup, std::move(autostart))
{
    setCommitPage(true);
    setButtonText(QWizard::CommitButton, tr("Set &up"));
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    for (QCheckBox *box : {m_startsAtLogin, m_replace})
        box->setAccessibleName(box->text().remove(u'&'));
    m_startsAtLogin->setChecked(true);
    m_replace->hide();
    m_steps->setHeaderHidden(true);
    m_steps->setColumnHidden(1, true);
    m_steps->hide();
    column()->addWidget(m_summary);
    column()->addWidget(m_startsAtLogin);
    column()->addWidget(m_replace);
    column()->addWidget(m_steps, 1);
    column()->addStretch(1);
    connect(&m_carryOut, &CarryOut::stepDone, m_steps, &StepsView::addStep);
    connect(&m_carryOut, &CarryOut::failed, this, &FinishPage::handleFailed);
    connect(&m_carryOut, &CarryOut::finished, this, &FinishPage::handleFinished);
}

void FinishPage::initializePage()
{
    m_summary->setText(summary());
    m_steps->setSteps({});
    m_steps->hide();
    say(Tone::Unknown, {});
}

QString FinishPage::summary() const
{
    QStringList names;
    for (const ServerEntry &server : std::as_const(setup().servers))
        names.append(server.name);
    const int copies = static_cast<int>(std::min<qsizetype>(3, names.size()));
    QStringList lines{tr("Files are stored on %1, %n copies each.", nullptr, copies)
                          .arg(models::Wording::enumeration(names))};
    if (setup().backup)
        lines.append(tr("Each of them goes to the bucket %1 as well.").arg(setup().backup->bucket));
    lines.append(tr("Clients connect at %1 and, to log in, at %2.").arg(setup().address, setup().sshAddress));
    if (!setup().isAdopted && setup().adopts)
        lines.append(tr("The charm client uses the key that it has for your server with the ring, too."));
    lines.append(tr("The service is started, and goes on when this window is closed."));
    return QStringLiteral("• ") + lines.join(QStringLiteral("\n• "));
}

bool FinishPage::validatePage()
{
    if (m_done)
        return true;
    m_running = true;
    Q_EMIT completeChanged();
    m_steps->setSteps({});
    m_steps->show();
    say(Tone::Busy, tr("Setting up…"));
    m_carryOut.setReplaces(m_replace->isVisible() && m_replace->isChecked());
    m_carryOut.setStartsAtLogin(m_startsAtLogin->isChecked());
    m_carryOut.start();
    return false;
}

void FinishPage::handleFailed(const QString &words, bool isThere)
{
    m_running = false;
    m_replace->setVisible(isThere);
    if (isThere)
        m_replace->setFocus();
    say(Tone::Bad, tr("%1. Nothing was changed").arg(words));
    Q_EMIT completeChanged();
}

void FinishPage::handleFinished()
{
    m_running = false;
    m_done = true;
    say(Tone::Good, tr("Set up"));
    Q_EMIT completeChanged();
    Q_EMIT serviceStartWanted();
    wizard()->next();
}

} // namespace cring::ui
