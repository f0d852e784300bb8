// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/trypage.h"

#include "ui/models/wording.h"
#include "ui/window/page.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace cring::ui {

using models::Tone;
using State = models::ServiceLink::State;

namespace {

qint64 uploadsOf(const control::Snapshot &snapshot)
{
    qint64 done = 0;
    for (const control::RequestStatus &request : snapshot.requests)
        done += request.kind == QStringLiteral("upload") ? request.done : 0;
    return done;
}

} // namespace

TryPage::TryPage(Setup &setup)
    : SetupPage(setup, tr("Try it"),
                tr("In a terminal, have the charm client use the ring, and store a file. It is told here."))
    , m_exports(new QLineEdit(this))
    , m_command(new QLineEdit(QStringLiteral("charm fs cp FILE charm:FILE"), this))
{
    setFinalPage(true);
    auto *form = new Form(this);
    form->addField(QStringLiteral("exports"), tr("Fi&rst:"), m_exports);
    form->addField(QStringLiteral("command"), tr("&Then:"), m_command);
    for (QLineEdit *line : {m_exports, m_command}) {
        line->setReadOnly(true);
        line->setFont([line] {
            QFont font = line->font();
            font.setFamilies({QStringLiteral("monospace")});
            return font;
        }());
    }
    column()->addWidget(form);
    QWidget *buttons = makeActions(this);
    QPushButton *copy = addButton(buttons, tr("&Copy the first line"));
    qobject_cast<QHBoxLayout *>(buttons->layout())->addStretch(1);
    column()->addWidget(buttons);
    column()->addStretch(1);
    connect(copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_exports->text()); });
    models::ServiceLink &link = setup.configuration().link();
    connect(&link, &models::ServiceLink::snapshotChanged, this, &TryPage::look);
    connect(&link, &models::ServiceLink::stateChanged, this, &TryPage::look);
}

void TryPage::initializePage()
{
    m_exports->setText(QStringLiteral("export ") + setup().exports().join(u' '));
    m_uploads.reset();
    m_failed = false;
    look();
}

void TryPage::showFailure(const QString &words)
{
    m_failed = true;
    say(Tone::Bad, words);
}

void TryPage::look()
{
    const models::ServiceLink &link = setup().configuration().link();
    if (link.state() != State::Connected || !link.snapshot()) {
        if (!m_failed)
            say(Tone::Busy, tr("The service is being started…"));
        return;
    }
    const control::Snapshot &now = *link.snapshot();
    const qint64 uploads = uploadsOf(now);
    if (!m_uploads)
        m_uploads = uploads;
    if (uploads > *m_uploads) {
        const auto up =
            std::ranges::count(now.backends, QStringLiteral("up"), &control::BackendStatus::state);
        say(Tone::Good, tr("Your first file is stored. %1 of %2 servers are there to keep it.")
                            .arg(models::Wording::number(up), models::Wording::number(now.backends.size())));
        return;
    }
    say(Tone::Busy, now.writesPossible ? tr("The service runs. Waiting for the first file…")
                                       : tr("The service runs, and looks at the servers…"));
}

} // namespace cring::ui
