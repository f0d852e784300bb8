// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/replicapage.h"

#include "ui/models/servicesentences.h"
#include "ui/widgets/card.h"
#include "ui/window/page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QUrl>

namespace cring::ui {

using models::Tone;

namespace {

constexpr int kMostPort = 65535;
/// The ports of one Charm server: HTTP, SSH, metrics, health; another one on the machine has the next ones.
constexpr int kPortsOfOne = 10;
constexpr int kHttp = 35354;

QString phaseWords(const QString &phase)
{
    static const QHash<QString, const char *> words{
        {QStringLiteral("checking"), QT_TRANSLATE_NOOP("cring::ui::ReplicaPage", "Looking at both places…")},
        {QStringLiteral("keys"), QT_TRANSLATE_NOOP("cring::ui::ReplicaPage", "Copying the keys…")},
        {QStringLiteral("copying"), QT_TRANSLATE_NOOP("cring::ui::ReplicaPage", "Copying the accounts…")},
        {QStringLiteral("sending"), QT_TRANSLATE_NOOP("cring::ui::ReplicaPage", "Sending the accounts…")},
        {QStringLiteral("settings"), QT_TRANSLATE_NOOP("cring::ui::ReplicaPage", "Writing its settings…")}};
    const auto found = words.constFind(phase);
    return found == words.constEnd() ? ReplicaPage::tr("Finishing…") : ReplicaPage::tr(*found);
}

} // namespace

ReplicaPage::ReplicaPage(Setup &setup)
    : SetupPage(
          setup, tr("Make more servers"),
          tr("A new server gets the keys and accounts of the one that you have, which may go on running. Its "
             "files come by themselves once it is in the ring. Nothing that is there is changed."))
    , m_form(new Form(this))
    , m_from(
          m_form->addText(QStringLiteral("from"), tr("&From:"),
                          tr("The data directory of the server that you have: a folder of this machine, or "
                             "ssh://user@host/path.")))
    , m_name(m_form->addText(QStringLiteral("name"), tr("Na&me:"), tr("What the new one is called here.")))
    , m_to(m_form->addText(
          QStringLiteral("to"), tr("&To:"),
          tr("An empty folder, or one that is not there yet: /path, or ssh://user@host/path.")))
    , m_host(m_form->addText(QStringLiteral("host"), tr("H&ost:"), tr("Under which it will answer.")))
    , m_httpPort(m_form->addText(QStringLiteral("http"), tr("&HTTP port:")))
    , m_sshPort(m_form->addText(QStringLiteral("ssh"), tr("&SSH port:"),
                                tr("Each server on a machine has ports of its own.")))
    , m_make(nullptr)
    , m_stop(nullptr)
    , m_progress(new QProgressBar(this))
    , m_start(new QLabel(this))
{
    column()->addWidget(m_form);
    QWidget *buttons = makeActions(this);
    m_make = addButton(buttons, tr("Ma&ke it"));
    m_stop = addButton(buttons, tr("Sto&p"));
    buttons->layout()->addWidget(m_progress);
    qobject_cast<QHBoxLayout *>(buttons->layout())->addStretch(1);
    m_progress->setAccessibleName(tr("Progress"));
    column()->addWidget(buttons);
    m_start->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_start->setTextFormat(Qt::PlainText);
    m_start->setWordWrap(true);
    m_start->setAccessibleName(tr("How to start it"));
    m_start->hide();
    column()->addWidget(m_start);
    column()->addStretch(1);
    connect(m_make, &QPushButton::clicked, this, &ReplicaPage::make);
    connect(m_stop, &QPushButton::clicked, this, [this] {
        if (m_command)
            m_command->cancel();
    });
    setBusy(false);
}

void ReplicaPage::initializePage()
{
    const int number = static_cast<int>(setup().servers.size());
    if (m_from->text().isEmpty() && number > 0)
        m_from->setText(setup().servers.first().data);
    if (m_name->text().isEmpty())
        m_name->setText(QStringLiteral("charm%1").arg(number + 1));
    if (m_host->text().isEmpty())
        m_host->setText(number > 0 ? QUrl(setup().servers.first().url).host() : QString());
    if (m_httpPort->text().isEmpty()) {
        m_httpPort->setText(QString::number(kHttp + number * kPortsOfOne));
        m_sshPort->setText(QString::number(kHttp - 1 + number * kPortsOfOne));
    }
}

bool ReplicaPage::isComplete() const
{
    return setup().servers.size() >= 2 && !m_command;
}

bool ReplicaPage::check()
{
    m_form->clearErrors();
    const auto need = [this](const char *key, const QLineEdit *edit, const QString &words) {
        if (edit->text().trimmed().isEmpty())
            m_form->setError(QLatin1String(key), words);
    };
    need("from", m_from, tr("Say where its data are."));
    need("name", m_name, tr("Give it a name."));
    need("to", m_to, tr("Say where to put it."));
    need("host", m_host, tr("Say under which host it will answer."));
    for (const auto &[key, edit] :
         {std::pair(QStringLiteral("http"), m_httpPort), {QStringLiteral("ssh"), m_sshPort}}) {
        const int port = edit->text().toInt();
        if (port < 1 || port > kMostPort)
            m_form->setError(key, tr("A port is a number from 1 to %1.").arg(kMostPort));
    }
    for (const ServerEntry &server : std::as_const(setup().servers)) {
        if (server.name == m_name->text().trimmed())
            m_form->setError(QStringLiteral("name"), tr("Another server is called so."));
    }
    return !m_form->hasErrors();
}

void ReplicaPage::make()
{
    if (!check())
        return;
    setup().servers.first().data = m_from->text().trimmed();
    const auto cring = setup().draft();
    if (!cring) {
        say(Tone::Bad, models::serviceSentenceAlone(cring.error().detail));
        return;
    }
    const int http = m_httpPort->text().toInt();
    m_command =
        cring->command({QStringLiteral("replicas"), QStringLiteral("init"), QStringLiteral("--from"),
                        setup().servers.first().name, QStringLiteral("--to"), m_to->text().trimmed(),
                        QStringLiteral("--http-port"), m_httpPort->text(), QStringLiteral("--ssh-port"),
                        m_sshPort->text(), QStringLiteral("--stats-port"), QString::number(http + 1),
                        QStringLiteral("--health-port"), QString::number(http + 2)},
                       this);
    m_command->setTimeLimit(std::chrono::milliseconds(0)); // A database may be large, and a line slow.
    connect(m_command, &models::CringCommand::progressed, this, &ReplicaPage::showProgress);
    connect(m_command, &models::CringCommand::finished, this, &ReplicaPage::handleMade);
    setBusy(true);
    m_command->start();
}

void ReplicaPage::showProgress(const QJsonObject &line)
{
    say(Tone::Busy, phaseWords(line.value(QStringLiteral("phase")).toString()));
}

void ReplicaPage::handleMade(const models::CringOutcome &outcome)
{
    m_command.clear();
    setBusy(false);
    if (!outcome.ok()) {
        say(Tone::Bad, outcome.end == models::CringOutcome::End::Cancelled
                           ? tr("It was stopped. Making it again goes on where it was.")
                           : outcome.complaint.words);
        return;
    }
    QUrl url;
    url.setScheme(QStringLiteral("http"));
    url.setHost(m_host->text().trimmed());
    url.setPort(m_httpPort->text().toInt());
    setup().servers.append({m_name->text().trimmed(), url.toString(), m_sshPort->text().trimmed(),
                            QStringLiteral("1"), m_to->text().trimmed()});
    Q_EMIT setup().serversChanged();
    say(Tone::Good, tr("%1 is made, with %n account(s). Start it now:", nullptr,
                       outcome.answer.value(QStringLiteral("accounts")).toInt())
                        .arg(m_name->text().trimmed()));
    m_start->setText(QStringLiteral("(set -a; . %1; exec charm serve)")
                         .arg(outcome.answer.value(QStringLiteral("environmentFile")).toString()));
    m_start->show();
    for (QLineEdit *edit : {m_name, m_to, m_httpPort, m_sshPort})
        edit->clear(); // For the next one.
    initializePage();
    Q_EMIT completeChanged();
}

void ReplicaPage::setBusy(bool busy)
{
    m_form->setEnabled(!busy);
    m_make->setEnabled(!busy);
    m_stop->setVisible(busy);
    m_progress->setVisible(busy);
    m_progress->setRange(0, 0);
    Q_EMIT completeChanged();
}

} // namespace cring::ui
