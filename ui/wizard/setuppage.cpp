// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/setuppage.h"

#include "ui/widgets/card.h"
#include "ui/widgets/scrollcolumn.h"
#include "ui/widgets/toneshape.h"

#include <QAccessible>
#include <QLabel>
#include <QVBoxLayout>

namespace cring::ui {

SetupPage::SetupPage(Setup &setup, const QString &title, const QString &words)
    : m_setup(setup)
    , m_column(new QVBoxLayout)
    , m_line(new QWidget(this))
    , m_shape(nullptr)
    , m_words(new QLabel(m_line))
{
    setTitle(title);
    setAccessibleName(title);
    auto *content = new QWidget;
    auto *inner = new QVBoxLayout(content);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->setSpacing(3 * spacingStep);
    QLabel *about = mutedLabel(content);
    about->setText(words);
    inner->addWidget(about);
    m_column->setSpacing(2 * spacingStep);
    inner->addLayout(m_column, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(3 * spacingStep);
    layout->addWidget(new ScrollColumn(content, this), 1);
    auto *row = new QHBoxLayout(m_line);
    row->setContentsMargins(0, 0, 0, 0);
    auto *shape = new QLabel(m_line);
    m_shape = shape;
    m_words->setTextFormat(Qt::PlainText);
    m_words->setWordWrap(true);
    m_words->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(shape, 0, Qt::AlignTop);
    row->addWidget(m_words, 1);
    layout->addWidget(m_line);
    m_line->hide();
}

void SetupPage::say(models::Tone tone, const QString &words)
{
    m_line->setVisible(!words.isEmpty());
    const int side = fontMetrics().height();
    qobject_cast<QLabel *>(m_shape)->setPixmap(
        toneIcon(tone, Theme::of(palette())).pixmap(QSize(side, side), devicePixelRatioF()));
    m_words->setText(words);
    m_line->setAccessibleName(words);
    QAccessibleEvent alert(m_line, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

} // namespace cring::ui
