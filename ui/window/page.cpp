// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/page.h"

#include "ui/widgets/card.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace cring::ui {

QVBoxLayout *makePage(QWidget *page, const QString &title, QWidget *actions)
{
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(6 * spacingStep, 5 * spacingStep, 6 * spacingStep, 5 * spacingStep);
    layout->setSpacing(4 * spacingStep);
    auto *head = new QHBoxLayout;
    auto *heading = new QLabel(title, page);
    QFont font = heading->font();
    font.setPointSizeF(font.pointSizeF() * 1.3);
    font.setWeight(QFont::DemiBold);
    heading->setFont(font);
    heading->setTextFormat(Qt::PlainText);
    head->addWidget(heading);
    head->addStretch(1);
    if (actions)
        head->addWidget(actions);
    layout->addLayout(head);
    return layout;
}

QWidget *makeActions(QWidget *page)
{
    auto *actions = new QWidget(page);
    auto *row = new QHBoxLayout(actions);
    row->setContentsMargins(0, 0, 0, 0);
    return actions;
}

QPushButton *addButton(QWidget *actions, const QString &words, const QString &tip)
{
    auto *button = new QPushButton(words, actions);
    button->setAccessibleName(QString(words).remove(u'&'));
    button->setToolTip(tip);
    actions->layout()->addWidget(button);
    return button;
}

void nameButtons(QDialogButtonBox *buttons)
{
    const QList<QAbstractButton *> all = buttons->buttons();
    for (QAbstractButton *button : all)
        button->setAccessibleName(button->text().remove(u'&'));
}

QWidget *makeEmptyState(const QString &title, const QString &advice, QWidget *parent, QPushButton *action)
{
    auto *card = new Card({}, parent);
    card->setAccessibleName(title);
    auto *heading = new QLabel(title, card);
    QFont font = heading->font();
    font.setPointSizeF(font.pointSizeF() * 1.15);
    font.setWeight(QFont::DemiBold);
    heading->setFont(font);
    heading->setAlignment(Qt::AlignCenter);
    heading->setWordWrap(true);
    QLabel *words = mutedLabel(card);
    words->setText(advice);
    words->setAlignment(Qt::AlignCenter);
    words->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    words->setAccessibleName(advice);
    card->body()->addStretch(2);
    card->body()->addWidget(heading);
    card->body()->addWidget(words);
    if (action) {
        action->setAccessibleName(action->text().remove(u'&'));
        card->body()->addSpacing(2 * spacingStep);
        card->body()->addWidget(action, 0, Qt::AlignHCenter);
    }
    card->body()->addStretch(3);
    return card;
}

} // namespace cring::ui
