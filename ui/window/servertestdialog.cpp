// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/servertestdialog.h"

#include "ui/models/servicecommands.h"
#include "ui/models/wording.h"
#include "ui/widgets/card.h"
#include "ui/widgets/toneshape.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QJsonArray>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace cring::ui {

using models::Tone;

namespace {

/// A test goes through a real upload and download, and may wait for each.
constexpr std::chrono::seconds kTestTime{60};

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::ui::ServerTestDialog)
};

QString stepWords(const QString &step)
{
    static const QHash<QString, const char *> names{
        {QStringLiteral("name"), QT_TRANSLATE_NOOP("cring::ui::ServerTestDialog", "Name")},
        {QStringLiteral("http"), QT_TRANSLATE_NOOP("cring::ui::ServerTestDialog", "Connection")},
        {QStringLiteral("key"), QT_TRANSLATE_NOOP("cring::ui::ServerTestDialog", "Signing key")},
        {QStringLiteral("issuer"), QT_TRANSLATE_NOOP("cring::ui::ServerTestDialog", "Issuer")},
        {QStringLiteral("scheme"), QT_TRANSLATE_NOOP("cring::ui::ServerTestDialog", "Encryption")},
        {QStringLiteral("clock"), QT_TRANSLATE_NOOP("cring::ui::ServerTestDialog", "Clock")},
        {QStringLiteral("ssh"), QT_TRANSLATE_NOOP("cring::ui::ServerTestDialog", "SSH")},
        {QStringLiteral("hostkey"), QT_TRANSLATE_NOOP("cring::ui::ServerTestDialog", "SSH host key")},
        {QStringLiteral("account"), QT_TRANSLATE_NOOP("cring::ui::ServerTestDialog", "Your account")},
        {QStringLiteral("write"), QT_TRANSLATE_NOOP("cring::ui::ServerTestDialog", "Write a file")},
        {QStringLiteral("read"), QT_TRANSLATE_NOOP("cring::ui::ServerTestDialog", "Read it back")},
        {QStringLiteral("delete"), QT_TRANSLATE_NOOP("cring::ui::ServerTestDialog", "Delete it")},
        {QStringLiteral("data"), QT_TRANSLATE_NOOP("cring::ui::ServerTestDialog", "Data directory")}};
    const auto found = names.constFind(step);
    return found == names.constEnd() ? step : Words::tr(*found);
}

} // namespace

ServerTestDialog::ServerTestDialog(models::ServiceLink &link, const QString &server, QWidget *parent)
    : QDialog(parent)
    , m_link(link)
    , m_server(server)
    , m_headline(new QLabel(this))
    , m_steps(new QTreeWidget(this))
    , m_again(new QPushButton(tr("Test &again"), this))
{
    setWindowTitle(tr("Test of %1").arg(server));
    setAttribute(Qt::WA_DeleteOnClose);
    QFont font = m_headline->font();
    font.setWeight(QFont::DemiBold);
    m_headline->setFont(font);
    m_headline->setWordWrap(true);
    m_headline->setTextFormat(Qt::PlainText);
    m_steps->setAccessibleName(tr("Steps"));
    m_steps->setHeaderLabels({tr("Step"), tr("Time"), tr("Result")});
    m_steps->setRootIsDecorated(false);
    m_steps->setWordWrap(true);
    m_steps->setUniformRowHeights(false);
    m_steps->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_steps->header()->setStretchLastSection(true);
    m_steps->header()->setSectionResizeMode(2, QHeaderView::Stretch);
    m_again->setAccessibleName(tr("Test again"));
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->addButton(m_again, QDialogButtonBox::ActionRole);
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
    m_steps->clear();
    m_again->setEnabled(false);
    m_headline->setText(tr("Testing %1…").arg(m_server));
    m_link.call(
        QStringLiteral("backends.test"), {{QStringLiteral("name"), m_server}}, this,
        [this](const Result<QJsonObject> &answer) { handleAnswer(answer); }, kTestTime);
}

void ServerTestDialog::handleNotified(const QString &method, const QJsonObject &params)
{
    if (m_running && method == QStringLiteral("backends.test.step"))
        addStep(params);
}

void ServerTestDialog::addStep(const QJsonObject &step)
{
    const bool ok = step.value(QStringLiteral("ok")).toBool();
    const QString name = stepWords(step.value(QStringLiteral("step")).toString());
    const QString words = step.value(QStringLiteral("text")).toString();
    auto *item = new QTreeWidgetItem(m_steps);
    item->setIcon(0, toneIcon(ok ? Tone::Good : Tone::Bad, Theme::of(palette())));
    item->setText(0, name);
    item->setText(1, tr("%1 ms").arg(models::Wording::number(step.value(QStringLiteral("ms")).toInteger())));
    item->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
    item->setText(2, words);
    item->setToolTip(2, words);
    item->setData(0, Qt::AccessibleTextRole, ok ? tr("%1: well").arg(name) : tr("%1: failed").arg(name));
    m_steps->scrollToItem(item);
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
    m_steps->clear();
    int bad = 0;
    const QJsonArray steps = answer->value(QStringLiteral("steps")).toArray();
    for (const QJsonValue &step : steps) {
        addStep(step.toObject());
        bad += step.toObject().value(QStringLiteral("ok")).toBool() ? 0 : 1;
    }
    m_headline->setText(bad == 0 ? tr("%1 passed every step").arg(m_server)
                                 : tr("%1 failed %n step(s)", nullptr, bad).arg(m_server));
}

} // namespace cring::ui
