// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/messagebar.h"

#include "ui/widgets/card.h"
#include "ui/widgets/toneshape.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>

namespace cring::ui {

namespace {

constexpr std::chrono::seconds kGoodTime{6};
constexpr std::chrono::seconds kOfferTime{60};

} // namespace

MessageBar::MessageBar(QWidget *parent)
    : QFrame(parent)
    , m_shape(new QWidget(this))
    , m_words(new QLabel(this))
    , m_action(new QPushButton(this))
{
    setAccessibleName(tr("Outcome"));
    m_words->setTextFormat(Qt::PlainText);
    m_words->setWordWrap(true);
    m_words->setTextInteractionFlags(Qt::TextSelectableByMouse);
    const int side = fontMetrics().height();
    m_shape->setFixedSize(side, side);
    auto *close = new QPushButton(tr("C&lose"), this);
    close->setAccessibleName(tr("Close this message"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(4 * spacingStep, 2 * spacingStep, 4 * spacingStep, 2 * spacingStep);
    layout->setSpacing(3 * spacingStep);
    layout->addWidget(m_shape);
    layout->addWidget(m_words, 1);
    layout->addWidget(m_action);
    layout->addWidget(close);
    m_action->hide();
    connect(close, &QPushButton::clicked, this, &QWidget::hide);
    connect(m_action, &QPushButton::clicked, this, [this] {
        hide();
        if (const auto act = std::exchange(m_act, nullptr))
            act();
    });
    m_end.setSingleShot(true);
    connect(&m_end, &QTimer::timeout, this, &QWidget::hide);
    hide();
}

void MessageBar::show(models::Tone tone, const QString &words)
{
    m_tone = tone;
    m_act = nullptr;
    m_action->hide();
    m_words->setText(words);
    setAccessibleDescription(words);
    if (tone == models::Tone::Good)
        m_end.start(kGoodTime);
    else
        m_end.stop();
    setVisible(true);
    update();
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

void MessageBar::offer(models::Tone tone, const QString &words, const QString &action,
                       std::function<void()> act)
{
    show(tone, words);
    m_act = std::move(act);
    m_action->setText(action);
    m_action->setAccessibleName(QString(action).remove(u'&'));
    m_action->show();
    if (tone == models::Tone::Good)
        m_end.start(kOfferTime);
}

void MessageBar::paintEvent(QPaintEvent *)
{
    const Theme theme = Theme::of(palette());
    QPainter painter(this);
    painter.fillRect(rect(), theme.card);
    painter.fillRect(QRect(0, 0, width(), 1), theme.line);
    drawTone(painter, m_shape->geometry(), m_tone, theme);
}

} // namespace cring::ui
