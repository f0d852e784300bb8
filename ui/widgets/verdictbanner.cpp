// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/verdictbanner.h"

#include "ui/widgets/card.h"
#include "ui/widgets/toneshape.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>

namespace cring::ui {

namespace {

constexpr int kEdge = 4;
constexpr double kRadius = 8;

} // namespace

VerdictBanner::VerdictBanner(QWidget *parent)
    : QFrame(parent)
    , m_sentence(new QLabel(this))
    , m_detail(mutedLabel(this))
    , m_button(new QPushButton(this))
    , m_shape(new QWidget(this))
{
    setAccessibleName(tr("How it stands"));
    QFont font = m_sentence->font();
    font.setPointSizeF(font.pointSizeF() * 1.15);
    font.setWeight(QFont::DemiBold);
    m_sentence->setFont(font);
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setWordWrap(true);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    const int side = QFontMetrics(font).height() + spacingStep;
    m_shape->setFixedSize(side, side);
    auto *words = new QVBoxLayout;
    words->setSpacing(spacingStep / 2);
    words->addWidget(m_sentence);
    words->addWidget(m_detail);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(kEdge + 4 * spacingStep, 3 * spacingStep, 4 * spacingStep, 3 * spacingStep);
    layout->setSpacing(3 * spacingStep);
    layout->addWidget(m_shape);
    layout->addLayout(words, 1);
    layout->addWidget(m_button);
    m_button->hide();
    connect(m_button, &QPushButton::clicked, this, &VerdictBanner::pressed);
}

void VerdictBanner::set(models::Tone tone, const QString &sentence, const QString &detail,
                        const QString &button)
{
    m_sentence->setText(sentence);
    m_detail->setText(detail);
    m_detail->setVisible(!detail.isEmpty());
    m_button->setText(button);
    m_button->setAccessibleName(QString(button).remove(u'&'));
    m_button->setVisible(!button.isEmpty());
    setAccessibleDescription(detail.isEmpty() ? sentence : sentence + QStringLiteral(". ") + detail);
    if (m_tone != tone) {
        m_tone = tone;
        update();
    }
}

void VerdictBanner::paintEvent(QPaintEvent *)
{
    const Theme theme = Theme::of(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath sheet;
    sheet.addRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), kRadius, kRadius);
    painter.fillPath(sheet, theme.card);
    painter.save();
    painter.setClipPath(sheet);
    painter.fillRect(QRect(0, 0, kEdge, height()), theme.tone(m_tone));
    painter.restore();
    painter.setPen(QPen(theme.line, 1));
    painter.drawPath(sheet);
    drawTone(painter, m_shape->geometry(), m_tone, theme);
}

} // namespace cring::ui
