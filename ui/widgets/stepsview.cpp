// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/stepsview.h"

#include "ui/models/servicesentences.h"
#include "ui/models/wording.h"
#include "ui/widgets/toneshape.h"

#include <QHeaderView>
#include <QJsonArray>
#include <QJsonObject>

namespace cring::ui {

using models::Tone;

namespace {

QString stepWords(const QString &step)
{
    static const QHash<QString, const char *> names{
        {QStringLiteral("name"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Name")},
        {QStringLiteral("http"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Connection")},
        {QStringLiteral("key"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Signing key")},
        {QStringLiteral("issuer"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Issuer")},
        {QStringLiteral("scheme"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Encryption")},
        {QStringLiteral("clock"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Clock")},
        {QStringLiteral("ssh"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "SSH")},
        {QStringLiteral("hostkey"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "SSH host key")},
        {QStringLiteral("account"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Your account")},
        {QStringLiteral("write"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Write a file")},
        {QStringLiteral("read"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Read it back")},
        {QStringLiteral("delete"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Delete it")},
        {QStringLiteral("data"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Data directory")},
        {QStringLiteral("keys"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Keys")},
        {QStringLiteral("reachable"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Connection")},
        {QStringLiteral("bucket"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Bucket")},
        {QStringLiteral("list"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "List what is in it")},
        {QStringLiteral("versioning"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Older versions")},
        {QStringLiteral("lifecycle"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Rules that delete")},
        {QStringLiteral("configuration"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Configuration")},
        {QStringLiteral("identity"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Your key")},
        {QStringLiteral("autostart"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "At login")},
        {QStringLiteral("lock"), QT_TRANSLATE_NOOP("cring::ui::StepsView", "Object lock")}};
    const auto found = names.constFind(step);
    return found == names.constEnd() ? step : StepsView::tr(*found);
}

Tone toneOf(const QJsonObject &step)
{
    const QString level = step.value(QStringLiteral("level")).toString();
    if (level == QStringLiteral("unknown"))
        return Tone::Unknown;
    if (level == QStringLiteral("danger"))
        return Tone::Warning;
    return step.value(QStringLiteral("ok")).toBool() ? Tone::Good : Tone::Bad;
}

QString toneWords(Tone tone, const QString &step)
{
    switch (tone) {
    case Tone::Unknown:
        return StepsView::tr("%1: not known").arg(step);
    case Tone::Warning:
        return StepsView::tr("%1: a danger").arg(step);
    case Tone::Bad:
        return StepsView::tr("%1: failed").arg(step);
    default:
        return StepsView::tr("%1: well").arg(step);
    }
}

} // namespace

StepsView::StepsView(QWidget *parent)
    : QTreeWidget(parent)
{
    setAccessibleName(tr("Steps"));
    setHeaderLabels({tr("Step"), tr("Time"), tr("Result")});
    setRootIsDecorated(false);
    setWordWrap(true);
    setUniformRowHeights(false);
    setTabKeyNavigation(false);
    header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    header()->setStretchLastSection(true);
    header()->setSectionResizeMode(2, QHeaderView::Stretch);
}

void StepsView::addStep(const QJsonObject &step)
{
    const Tone tone = toneOf(step);
    const QString name = stepWords(step.value(QStringLiteral("step")).toString());
    const QString words = models::serviceSentence(step.value(QStringLiteral("text")).toString());
    auto *item = new QTreeWidgetItem(this);
    item->setIcon(0, toneIcon(tone, Theme::of(palette())));
    item->setText(0, name);
    item->setText(1, tr("%1 ms").arg(models::Wording::number(step.value(QStringLiteral("ms")).toInteger())));
    item->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
    item->setText(2, words);
    item->setToolTip(2, words);
    item->setData(0, Qt::AccessibleTextRole, toneWords(tone, name));
    scrollToItem(item);
    m_failures += step.value(QStringLiteral("ok")).toBool() ? 0 : 1;
}

void StepsView::setSteps(const QJsonArray &steps)
{
    clear();
    m_failures = 0;
    for (const QJsonValue &step : steps)
        addStep(step.toObject());
}

} // namespace cring::ui
