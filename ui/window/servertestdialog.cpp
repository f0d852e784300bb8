// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/servertestdialog.h"

#include "ui/models/servicecommands.h"
#include "ui/widgets/card.h"
#include "ui/widgets/stepsview.h"
#include "ui/window/page.h"

#include <QDialogButtonBox>
#include <QJsonArray>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace cring::ui {

namespace {

/// A test goes through a real upload and download, and may wait for each.
constexpr std::chrono::seconds kTestTime{60};

} // namespace

ServerTestDialog::ServerTestDialog(models::ServiceLink &link, const QString &server, QWidget *parent)
    : QDialog(parent)
    , m_link(link)
    , m_server(server)
    , m_headline(new QLabel(this))
    , m_steps(new StepsView(this))
    , m_again(new QPushButton(tr("Test &again"), this))
{
    setWindowTitle(tr("Test of %1").arg(server));
    setAttribute(Qt::WA_DeleteOnClose);
    QFont font = m_headline->font();
    font.setWeight(QFont::DemiBold);
    m_headline->setFont(font);
    m_headline->setWordWrap(true);
    m_headline->setTextFormat(Qt::PlainText);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->addButton(m_again, QDialogButtonBox::ActionRole);
    nameButtons(buttons);
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(3 * spacingStep);
    layout->addWidget(m_headline);
    layout->addWidget(m_steps, 1);
    layout->addWidget(buttons);
    resize(fontMetrics().averageCharWidth() * 95, fontMetrics().height() * 24);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_again, &QPushButton::clicked, this, &ServerTestDialog::run);
    connect(&m_link, &models::ServiceLink::notified, this, &ServerTestDialog::handleNotified);
    run();
}

void ServerTestDialog::run()
{
    m_running = true;
    m_steps->setSteps({});
    m_again->setEnabled(false);
    m_headline->setText(tr("Testing %1…").arg(m_server));
    m_link.call(
        QStringLiteral("backends.test"), {{QStringLiteral("name"), m_server}}, this,
        [this](const Result<QJsonObject> &answer) { handleAnswer(answer); }, kTestTime);
}

void ServerTestDialog::handleNotified(const QString &method, const QJsonObject &params)
{
    if (m_running && method == QStringLiteral("backends.test.step"))
        m_steps->addStep(params);
}

void ServerTestDialog::handleAnswer(const Result<QJsonObject> &answer)
{
    m_running = false;
    m_again->setEnabled(true);
    if (!answer) {
        m_headline->setText(models::errorWords(answer.error()));
        return;
    }
    // Steps that were told before we listened are in the answer as well.
    m_steps->setSteps(answer->value(QStringLiteral("steps")).toArray());
    const int bad = m_steps->failures();
    m_headline->setText(bad == 0 ? tr("%1 passed every step").arg(m_server)
                                 : tr("%1 failed %n step(s)", nullptr, bad).arg(m_server));
}

} // namespace cring::ui
