// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ringview.h"

#include "ui/models/wording.h"
#include "ui/widgets/card.h"
#include "ui/widgets/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <cmath>
#include <numeric>

namespace cring::ui {

using control::BackendStatus;
using control::Snapshot;
using models::Wording;

namespace {

constexpr double kThickness = 0.2; ///< Of the diameter.
constexpr double kRim = 0.025;     ///< The same.
constexpr double kGap = 1.2;       ///< Degrees between two arcs.
constexpr double kFull = 360;
constexpr double kStale = 0.4; ///< The opacity of what was known last.

bool isThere(const BackendStatus &backend)
{
    return backend.state == QStringLiteral("up") || backend.state == QStringLiteral("unknown");
}

QBrush hatch(const Theme &theme)
{
    return QBrush(theme.muted, Qt::BDiagPattern);
}

/// A piece of a ring, clockwise from the top, in degrees.
QPainterPath piece(const QRectF &outer, const QRectF &inner, double from, double span)
{
    QPainterPath path;
    if (span >= kFull - 0.01) {
        path.addEllipse(outer);
        path.addEllipse(inner);
        return path;
    }
    path.arcMoveTo(outer, 90 - from);
    path.arcTo(outer, 90 - from, -span);
    path.arcTo(inner, 90 - from - span, span);
    path.closeSubpath();
    return path;
}

QRectF shrunk(const QRectF &rect, double by)
{
    return rect.adjusted(by, by, -by, -by);
}

} // namespace

RingView::RingView(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("The ring"));
    setMouseTracking(true);
}

QList<RingView::Arc> RingView::arcsOf(const Snapshot &snapshot)
{
    QList<Arc> arcs;
    double sum = 0;
    for (const BackendStatus &backend : snapshot.backends) {
        // Before they were counted, by what the servers are meant to hold.
        const qint64 wanted = backend.files.value_or(0) + backend.missing.value_or(0);
        const bool counted = !snapshot.copies.isEmpty() && wanted > 0;
        Arc arc{
            backend.name, {}, counted ? static_cast<double>(wanted) : backend.weight, 0, isThere(backend)};
        if (counted)
            arc.owed = std::min(1.0, static_cast<double>(backend.owed) / static_cast<double>(wanted));
        arc.words = counted ? tr("%1: %2 of %3, %4 owed")
                                  .arg(backend.name, Wording::number(backend.files.value_or(0)),
                                       Wording::files(wanted), Wording::number(backend.owed))
                            : tr("%1: not counted yet").arg(backend.name);
        if (!arc.usable)
            arc.words += tr(". It cannot be used now");
        sum += arc.share;
        arcs.append(arc);
    }
    for (Arc &arc : arcs)
        arc.share = sum > 0 ? arc.share / sum : 1.0 / static_cast<double>(arcs.size());
    return arcs;
}

void RingView::setSnapshot(const Snapshot &snapshot)
{
    const QList<Arc> arcs = arcsOf(snapshot);
    QString figure = Wording::nothing();
    QString meaning = tr("not counted yet");
    if (!snapshot.copies.isEmpty()) {
        const qint64 files = std::accumulate(snapshot.copies.begin(), snapshot.copies.end(), qint64(0));
        figure = Wording::number(files);
        meaning = tr("files, %n copies each", nullptr, snapshot.replicas);
    }
    if (arcs == m_arcs && figure == m_figure && meaning == m_meaning)
        return;
    m_arcs = arcs;
    m_figure = figure;
    m_meaning = meaning;
    QStringList words{figure + u' ' + meaning};
    for (const Arc &arc : m_arcs)
        words.append(arc.words);
    setAccessibleDescription(words.join(QStringLiteral(". ")));
    update();
}

QSize RingView::sizeHint() const
{
    const int side = fontMetrics().averageCharWidth() * 34;
    return {side, side};
}

QSize RingView::minimumSizeHint() const
{
    return sizeHint() * 0.7;
}

QRectF RingView::circle() const
{
    const double side = std::min(width(), height()) - 2.0 * spacingStep;
    return {(width() - side) / 2, (height() - side) / 2, side, side};
}

void RingView::drawArc(QPainter &painter, const Arc &arc, int index, double from, const Theme &theme) const
{
    const QRectF all = circle();
    const double rim = all.width() * kRim;
    const QRectF outer = shrunk(all, 1.8 * rim);
    const QRectF inner = shrunk(outer, all.width() * kThickness);
    const double gap = m_arcs.size() > 1 ? kGap : 0;
    const double span = std::max(arc.share * kFull - gap, 0.5);
    const QPainterPath shape = piece(outer, inner, from + gap / 2, span);
    painter.setPen(arc.usable ? QPen(Qt::NoPen) : QPen(theme.muted, 1));
    painter.fillPath(shape, arc.usable ? QBrush(theme.server(index)) : hatch(theme));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(shape);
    if (arc.owed > 0)
        painter.fillPath(piece(all, shrunk(all, rim), from + gap / 2, std::max(span * arc.owed, 3.0)),
                         theme.warning);
}

void RingView::drawMiddle(QPainter &painter, const Theme &theme) const
{
    const QRectF all = circle();
    const QRectF hole = shrunk(all, all.width() * (kThickness + 1.8 * kRim) + 2 * spacingStep);
    QFont big = font();
    big.setPointSizeF(big.pointSizeF() * 1.8);
    big.setWeight(QFont::DemiBold);
    const QFontMetricsF bigMetrics(big);
    painter.setPen(theme.text); // Without a pen nothing is measured.
    const QRectF words =
        painter.boundingRect(hole, Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap, m_meaning);
    const double top = hole.center().y() - (bigMetrics.height() + words.height()) / 2;
    painter.setFont(big);
    painter.drawText(QRectF(hole.left(), top, hole.width(), bigMetrics.height()), Qt::AlignCenter, m_figure);
    painter.setFont(font());
    painter.setPen(theme.muted);
    painter.drawText(QRectF(hole.left(), top + bigMetrics.height(), hole.width(), words.height()),
                     Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap, m_meaning);
}

void RingView::paintEvent(QPaintEvent *)
{
    const Theme theme = Theme::of(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setOpacity(isEnabled() ? 1 : kStale);
    double from = 0;
    for (int i = 0; i < m_arcs.size(); ++i) {
        drawArc(painter, m_arcs.at(i), i, from, theme);
        from += m_arcs.at(i).share * kFull;
    }
    painter.setOpacity(1); // Words have to be read.
    drawMiddle(painter, theme);
}

int RingView::arcAt(const QPointF &position) const
{
    const QPointF away = position - circle().center();
    const double radius = std::hypot(away.x(), away.y());
    const double outer = circle().width() / 2;
    if (radius > outer || radius < outer - circle().width() * (kThickness + 1.8 * kRim))
        return -1;
    const double turn = std::atan2(away.x(), -away.y()) / (2 * M_PI);
    double at = turn < 0 ? turn + 1 : turn;
    for (int i = 0; i < m_arcs.size(); ++i) {
        if (at <= m_arcs.at(i).share)
            return i;
        at -= m_arcs.at(i).share;
    }
    return -1;
}

void RingView::mouseMoveEvent(QMouseEvent *event)
{
    setCursor(arcAt(event->position()) < 0 ? Qt::ArrowCursor : Qt::PointingHandCursor);
}

void RingView::mouseReleaseEvent(QMouseEvent *event)
{
    if (const int arc = arcAt(event->position()); arc >= 0 && event->button() == Qt::LeftButton)
        Q_EMIT serverClicked(m_arcs.at(arc).name);
}

bool RingView::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const int arc = arcAt(help->pos());
    if (arc < 0)
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), m_arcs.at(arc).words, this);
    return true;
}

RingLegend::RingLegend(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("What the colours of the ring mean"));
}

void RingLegend::setSnapshot(const Snapshot &snapshot)
{
    QList<Entry> entries;
    bool owed = false;
    for (const BackendStatus &backend : snapshot.backends) {
        const bool usable = isThere(backend);
        entries.append(
            {usable ? backend.name : tr("%1, %2").arg(backend.name, models::stateWords(backend).toLower()),
             usable});
        owed = owed || (backend.owed > 0 && backend.files);
    }
    if (entries == m_entries && owed == m_owed)
        return;
    m_entries = entries;
    m_owed = owed;
    QStringList words;
    for (const Entry &entry : m_entries)
        words.append(entry.words);
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

int RingLegend::rowHeight() const
{
    return fontMetrics().height() + spacingStep;
}

QSize RingLegend::sizeHint() const
{
    const int count = static_cast<int>(m_entries.size()) + (m_owed ? 1 : 0);
    return {fontMetrics().averageCharWidth() * 24, rowHeight() * ((count + 1) / 2)};
}

void RingLegend::paintEvent(QPaintEvent *)
{
    const Theme theme = Theme::of(palette());
    QPainter painter(this);
    const int swatch = fontMetrics().ascent() - 1;
    const int column = width() / 2;
    const auto entry = [&](int index, const QBrush &brush, const QString &words) {
        const QRect cell(index % 2 * column, index / 2 * rowHeight(), column - spacingStep, rowHeight());
        const QRect square(cell.left(), cell.center().y() - swatch / 2, swatch, swatch);
        painter.fillRect(square, brush);
        if (brush.style() != Qt::SolidPattern) {
            painter.setPen(theme.muted);
            painter.drawRect(square.adjusted(0, 0, -1, -1));
        }
        painter.setPen(theme.text);
        const QRect text = cell.adjusted(swatch + 2 * spacingStep, 0, 0, 0);
        painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter,
                         fontMetrics().elidedText(words, Qt::ElideRight, text.width()));
    };
    for (int i = 0; i < m_entries.size(); ++i)
        entry(i, m_entries.at(i).usable ? QBrush(theme.server(i)) : hatch(theme), m_entries.at(i).words);
    if (m_owed)
        entry(static_cast<int>(m_entries.size()), theme.warning, tr("on its way"));
}

} // namespace cring::ui
