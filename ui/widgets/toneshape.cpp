// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/toneshape.h"

#include <QIconEngine>
#include <QPainter>

namespace cring::ui {

using models::Tone;

namespace {

/// All shapes are drawn in a square of this side.
constexpr double kSide = 16;

/// Filled with the brush, without the outline that the mark's pen would give it.
template <typename Draw>
void fill(QPainter &painter, Draw draw)
{
    const QPen mark = painter.pen();
    painter.setPen(Qt::NoPen);
    draw();
    painter.setPen(mark);
}

void fillCircle(QPainter &painter)
{
    fill(painter, [&painter] { painter.drawEllipse(QRectF(0.5, 0.5, 15, 15)); });
}

void drawTick(QPainter &painter)
{
    fillCircle(painter);
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(QPolygonF({QPointF(4.6, 8.3), QPointF(7, 10.7), QPointF(11.4, 5.6)}));
}

void drawDots(QPainter &painter)
{
    fillCircle(painter);
    painter.setBrush(painter.pen().brush());
    painter.setPen(Qt::NoPen);
    for (const double x : {4.5, 8.0, 11.5})
        painter.drawEllipse(QPointF(x, 8), 1.2, 1.2);
}

void drawTriangle(QPainter &painter)
{
    const QPen mark = painter.pen();
    painter.setPen(QPen(painter.brush(), 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolygon(QPolygonF({QPointF(8, 1.5), QPointF(15, 14.2), QPointF(1, 14.2)}));
    painter.setPen(mark);
    painter.drawLine(QPointF(8, 5.8), QPointF(8, 9.4));
    painter.drawPoint(QPointF(8, 12));
}

void drawCross(QPainter &painter)
{
    fill(painter, [&painter] { painter.drawRoundedRect(QRectF(0.5, 0.5, 15, 15), 2.5, 2.5); });
    painter.drawLine(QPointF(5.2, 5.2), QPointF(10.8, 10.8));
    painter.drawLine(QPointF(10.8, 5.2), QPointF(5.2, 10.8));
}

class ToneIconEngine : public QIconEngine
{
public:
    ToneIconEngine(Tone tone, Theme theme)
        : m_tone(tone)
        , m_theme(std::move(theme))
    {
    }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        constexpr double kStale = 0.4; // What was known last.
        painter->save();
        painter->setOpacity(mode == QIcon::Disabled ? kStale : 1);
        drawTone(*painter, rect, m_tone, m_theme);
        painter->restore();
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    QIconEngine *clone() const override { return new ToneIconEngine(m_tone, m_theme); }

private:
    Tone m_tone;
    Theme m_theme;
};

} // namespace

void drawTone(QPainter &painter, const QRectF &rect, Tone tone, const Theme &theme)
{
    const double side = std::min(rect.width(), rect.height());
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(rect.center() - QPointF(side / 2, side / 2));
    painter.scale(side / kSide, side / kSide);
    const QColor colour = theme.tone(tone);
    const QPen mark(theme.card, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    painter.setBrush(colour);
    painter.setPen(mark);
    switch (tone) {
    case Tone::Good:
        drawTick(painter);
        break;
    case Tone::Busy:
        drawDots(painter);
        break;
    case Tone::Warning:
        drawTriangle(painter);
        break;
    case Tone::Bad:
        drawCross(painter);
        break;
    case Tone::Unknown:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colour, 1.8));
        painter.drawEllipse(QRectF(1.5, 1.5, 13, 13));
        break;
    }
    painter.restore();
}

QIcon toneIcon(Tone tone, const Theme &theme)
{
    return QIcon(new ToneIconEngine(tone, theme));
}

Tone toneOf(models::TrayState state)
{
    switch (state) {
    case models::TrayState::Well:
        return Tone::Good;
    case models::TrayState::Working:
        return Tone::Busy;
    case models::TrayState::Paused:
        return Tone::Unknown;
    case models::TrayState::Degraded:
    case models::TrayState::Overdue:
    case models::TrayState::Locked:
        return Tone::Warning;
    case models::TrayState::Refused:
    case models::TrayState::Gone:
        break;
    }
    return Tone::Bad;
}

} // namespace cring::ui
