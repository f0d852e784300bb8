// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/placementbars.h"

#include "ui/models/wording.h"
#include "ui/widgets/card.h"
#include "ui/widgets/theme.h"
#include "ui/widgets/toneshape.h"

#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>

namespace cring::ui {

using control::BackendStatus;
using control::Snapshot;
using models::Wording;

namespace {

constexpr int kBar = 8;
constexpr double kRadius = 3;
constexpr double kStale = 0.4; ///< The opacity of what was known last.
constexpr double kLeast = 2;   ///< So that three files of a million are seen.

int widestOf(const QFontMetrics &metrics, const QList<QString> &texts)
{
    int widest = 0;
    for (const QString &text : texts)
        widest = std::max(widest, metrics.horizontalAdvance(text));
    return widest + 2; // Letters have fractions of a pixel.
}

} // namespace

PlacementBars::PlacementBars(QWidget *parent)
    : QWidget(parent)
{
    setAccessibleName(tr("Where the copies are"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    setCursor(Qt::PointingHandCursor);
}

PlacementBars::Bar PlacementBars::barOf(const BackendStatus &backend)
{
    Bar bar;
    bar.server = backend.name;
    bar.tone = models::ServerRow{backend, 0, {}, {}}.tone();
    bar.usable = backend.state == QStringLiteral("up") || backend.state == QStringLiteral("unknown");
    if (!backend.files) {
        bar.figures = tr("not counted yet");
        bar.words = tr("%1: not counted yet").arg(backend.name);
        return bar;
    }
    const qint64 extra = backend.extra.value_or(0);
    const qint64 missing = backend.missing.value_or(0);
    const qint64 present = std::max<qint64>(*backend.files - extra, 0);
    const qint64 wanted = present + missing;
    const double whole = static_cast<double>(std::max<qint64>(wanted + extra, 1));
    bar.present = static_cast<double>(present) / whole;
    bar.extra = static_cast<double>(extra) / whole;
    bar.missing = static_cast<double>(missing) / whole;
    bar.figures = tr("%1 of %2").arg(Wording::number(present), Wording::number(wanted));
    if (missing > 0)
        bar.figures = tr("%1, %2 missing").arg(bar.figures, Wording::number(missing));
    if (extra > 0)
        bar.figures = tr("%1, %2 extra").arg(bar.figures, Wording::number(extra));
    bar.words = tr("%1 should have %2: %3 are there, %4 missing. Besides, it has %5 that it need not have")
                    .arg(backend.name, Wording::files(wanted), Wording::number(present),
                         Wording::number(missing), Wording::files(extra));
    return bar;
}

void PlacementBars::setSnapshot(const Snapshot &snapshot)
{
    QList<Bar> bars;
    QStringList words;
    for (const BackendStatus &backend : snapshot.backends) {
        bars.append(barOf(backend));
        words.append(bars.last().words);
    }
    if (bars == m_bars)
        return;
    m_bars = bars;
    setAccessibleDescription(words.join(QStringLiteral(". ")));
    updateGeometry();
    update();
}

int PlacementBars::rowHeight() const
{
    return fontMetrics().height() + 2 * spacingStep;
}

QSize PlacementBars::sizeHint() const
{
    return {fontMetrics().averageCharWidth() * 60,
            rowHeight() * std::max<int>(1, static_cast<int>(m_bars.size()))};
}

QSize PlacementBars::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 30, sizeHint().height()};
}

void PlacementBars::paintEvent(QPaintEvent *)
{
    const Theme theme = Theme::of(palette());
    QPainter painter(this);
    QStringList names;
    QStringList figures;
    for (const Bar &bar : m_bars) {
        names.append(bar.server);
        figures.append(bar.figures);
    }
    const int shape = fontMetrics().ascent();
    const int begin = shape + 2 * spacingStep;
    const int right = std::min(widestOf(fontMetrics(), figures), width() / 2);
    // A short bar beside whole names says more than a long one.
    const int room = width() - begin - right - 8 * spacingStep - 5 * kBar;
    const int left = std::min(widestOf(fontMetrics(), names), std::max(room, width() / 4));
    for (int i = 0; i < m_bars.size(); ++i) {
        const Bar &bar = m_bars.at(i);
        const QRect row(0, i * rowHeight(), width(), rowHeight());
        painter.setOpacity(isEnabled() ? 1 : kStale);
        painter.setRenderHint(QPainter::Antialiasing);
        drawTone(painter, QRectF(0, row.center().y() - shape / 2.0, shape, shape), bar.tone, theme);
        painter.setOpacity(1);
        painter.setPen(theme.text);
        painter.drawText(row.adjusted(begin, 0, begin + left - width(), 0), Qt::AlignLeft | Qt::AlignVCenter,
                         fontMetrics().elidedText(bar.server, Qt::ElideRight, left));
        painter.drawText(row.adjusted(width() - right, 0, 0, 0), Qt::AlignRight | Qt::AlignVCenter,
                         fontMetrics().elidedText(bar.figures, Qt::ElideRight, right));
        const int from = begin + left + 4 * spacingStep;
        const QRectF track(from, row.center().y() - kBar / 2.0, width() - right - 4 * spacingStep - from,
                           kBar);
        painter.setOpacity(isEnabled() ? 1 : kStale);
        QPainterPath outline;
        outline.addRoundedRect(track, kBar / 2.0, kBar / 2.0);
        painter.save();
        painter.setClipPath(outline);
        painter.fillRect(track, theme.line);
        double x = track.left();
        const auto part = [&](double share, const QBrush &brush) {
            if (share <= 0)
                return;
            const double wide = std::max(share * track.width(), kLeast);
            painter.fillRect(QRectF(x, track.top(), wide, track.height()), brush);
            x += wide;
        };
        part(bar.present, bar.usable ? QBrush(theme.server(i)) : QBrush(theme.muted, Qt::BDiagPattern));
        part(bar.missing, theme.warning);
        part(bar.extra, theme.muted);
        painter.restore();
    }
}

int PlacementBars::barAt(const QPoint &position) const
{
    const int row = position.y() / rowHeight();
    return position.y() >= 0 && row < m_bars.size() ? row : -1;
}

void PlacementBars::mouseReleaseEvent(QMouseEvent *event)
{
    if (const int bar = barAt(event->position().toPoint()); bar >= 0)
        Q_EMIT serverClicked(m_bars.at(bar).server);
}

bool PlacementBars::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    if (const int bar = barAt(help->pos()); bar >= 0)
        QToolTip::showText(help->globalPos(), m_bars.at(bar).words, this);
    else
        QToolTip::hideText();
    return true;
}

SafetyColumns::SafetyColumns(QWidget *parent)
    : QWidget(parent)
{
    setAccessibleName(tr("How safe"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void SafetyColumns::setSnapshot(const Snapshot &snapshot)
{
    // What has more copies than wanted is as safe.
    QList<qint64> files = snapshot.copies;
    const auto most = std::max<qsizetype>(snapshot.replicas, 1);
    while (files.size() > most + 1) {
        files[most] += files.last();
        files.removeLast();
    }
    if (!files.isEmpty())
        files.resize(most + 1);
    if (files == m_files && m_wanted == snapshot.replicas)
        return;
    m_files = files;
    m_wanted = snapshot.replicas;
    QStringList words;
    for (int n = 0; n < m_files.size(); ++n)
        words.append(tr("%1 with %n copies", nullptr, n).arg(Wording::files(m_files.at(n))));
    setAccessibleDescription(words.isEmpty() ? tr("not counted yet") : words.join(QStringLiteral(", ")));
    update();
}

QSize SafetyColumns::sizeHint() const
{
    return {fontMetrics().averageCharWidth() * 44, fontMetrics().height() * 6};
}

QSize SafetyColumns::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 36, fontMetrics().height() * 5};
}

void SafetyColumns::paintEvent(QPaintEvent *)
{
    const Theme theme = Theme::of(palette());
    QPainter painter(this);
    if (m_files.isEmpty()) {
        painter.setPen(theme.muted);
        painter.drawText(rect(), Qt::AlignCenter, tr("not counted yet"));
        return;
    }
    const int line = fontMetrics().height() + spacingStep;
    const double most = static_cast<double>(std::max<qint64>(1, *std::ranges::max_element(m_files)));
    const double column = static_cast<double>(width()) / static_cast<double>(m_files.size());
    const double room = height() - 2.0 * line;
    for (int n = 0; n < m_files.size(); ++n) {
        const qint64 count = m_files.at(n);
        const QRectF area(column * n, 0, column, height());
        const double wide = std::min(column * 0.6, fontMetrics().averageCharWidth() * 9.0);
        const double tall = count > 0 ? std::max(room * static_cast<double>(count) / most, kLeast) : 1;
        const QRectF bar(area.center().x() - wide / 2, height() - line - tall, wide, tall);
        const QColor colour = n >= m_wanted ? theme.good : n == 0 ? theme.bad : theme.warning;
        painter.setOpacity(isEnabled() ? 1 : kStale);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(count > 0 ? colour : theme.line);
        painter.drawRoundedRect(bar, std::min(kRadius, tall / 2), std::min(kRadius, tall / 2));
        painter.setOpacity(1);
        painter.setPen(theme.text);
        painter.drawText(QRectF(area.left(), bar.top() - line, column, line), Qt::AlignCenter,
                         Wording::number(count));
        painter.setPen(theme.muted);
        painter.drawText(QRectF(area.left(), height() - line, column, line), Qt::AlignCenter,
                         n == 0 ? tr("no copy") : tr("%n copies", nullptr, n));
    }
}

} // namespace cring::ui
