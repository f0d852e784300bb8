// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ringview.h"

#include "ui/models/wording.h"
#include "ui/widgets/card.h"
#include "ui/widgets/theme.h"

#include <QHelpEvent>
#include <QLocale>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cring::ui {

using control::BackendStatus;
using control::Snapshot;
using models::Wording;

namespace {

constexpr double kOneTrack = 0.2; ///< Its thickness; of the diameter.
constexpr double kTracks = 0.27;  ///< Of several together.
constexpr double kRim = 0.02;     ///< The same.
constexpr double kGap = 2;        ///< Between two arcs, and two tracks.
constexpr int kMostTracks = 3;    ///< More nobody can tell apart.
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

QList<RingView::Server> RingView::serversOf(const Snapshot &snapshot)
{
    QList<Server> servers;
    double sum = 0;
    for (const BackendStatus &backend : snapshot.backends) {
        // Before they were counted, by what the servers are meant to hold.
        const qint64 wanted = backend.files.value_or(0) + backend.missing.value_or(0);
        const bool counted = !snapshot.copies.isEmpty() && wanted > 0;
        Server server{
            backend.name, {}, counted ? static_cast<double>(wanted) : backend.weight, 0, isThere(backend)};
        if (counted)
            server.owed = std::min(1.0, static_cast<double>(backend.owed) / static_cast<double>(wanted));
        server.words = counted ? tr("%1: %2 of %3, %4 owed")
                                     .arg(backend.name, Wording::number(backend.files.value_or(0)),
                                          Wording::files(wanted), Wording::number(backend.owed))
                               : tr("%1: not counted yet").arg(backend.name);
        if (!server.usable)
            server.words += tr(". It cannot be used now");
        sum += server.share;
        servers.append(server);
    }
    for (Server &server : servers)
        server.share = sum > 0 ? server.share / sum : 1.0 / static_cast<double>(servers.size());
    return servers;
}

bool RingView::arrangeGroups()
{
    QList<std::pair<QList<int>, int>> groups; // Owners as places in m_servers, and partitions.
    int all = 0;
    for (const models::PlacementGroup &group : std::as_const(m_groups)) {
        QList<int> owners;
        for (const QString &name :
             group.servers.first(std::min<qsizetype>(group.servers.size(), kMostTracks))) {
            const auto server = std::ranges::find(m_servers, name, &Server::name);
            if (server == m_servers.end())
                return false; // Of other servers than those of the snapshot: the next answer fits again.
            owners.append(static_cast<int>(server - m_servers.begin()));
        }
        groups.append({owners, group.partitions});
        all += group.partitions;
    }
    if (groups.isEmpty())
        return false;
    std::ranges::sort(groups);
    m_tracks = static_cast<int>(groups.first().first.size());
    for (int track = 0; track < m_tracks; ++track) {
        int at = 0;
        QList<int> before;
        for (const auto &[owners, partitions] : std::as_const(groups)) {
            const double span = static_cast<double>(partitions) / all;
            const QList<int> now = owners.first(track + 1);
            if (now == before)
                m_arcs.last().span += span;
            else
                m_arcs.append({owners.at(track), track, static_cast<double>(at) / all, span});
            before = now;
            at += partitions;
        }
    }
    return true;
}

void RingView::arrange()
{
    m_arcs.clear();
    if (arrangeGroups())
        return;
    m_tracks = 1;
    double from = 0;
    for (int i = 0; i < m_servers.size(); ++i) {
        m_arcs.append({i, 0, from, m_servers.at(i).share});
        from += m_servers.at(i).share;
    }
}

void RingView::setPlacement(const QList<models::PlacementGroup> &groups)
{
    m_groups = groups;
    arrange();
    update();
}

void RingView::setSnapshot(const Snapshot &snapshot)
{
    const QList<Server> servers = serversOf(snapshot);
    QString figure = Wording::nothing();
    QString meaning = tr("not counted yet");
    if (!snapshot.copies.isEmpty()) {
        const qint64 files = std::accumulate(snapshot.copies.begin(), snapshot.copies.end(), qint64(0));
        figure = Wording::number(files);
        meaning = tr("files, %n copies each", nullptr, snapshot.replicas);
    }
    if (servers == m_servers && figure == m_figure && meaning == m_meaning)
        return;
    m_servers = servers;
    m_figure = figure;
    m_meaning = meaning;
    arrange();
    QStringList words{figure + u' ' + meaning};
    for (const Server &server : std::as_const(m_servers))
        words.append(server.words);
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

double RingView::thickness() const
{
    return circle().width() * (m_tracks > 1 ? kTracks : kOneTrack);
}

QRectF RingView::edge(int track) const
{
    const QRectF all = circle();
    return shrunk(all, 1.8 * kRim * all.width() + thickness() * track / m_tracks);
}

void RingView::drawArc(QPainter &painter, const Arc &arc, const Theme &theme) const
{
    const Server &server = m_servers.at(arc.server);
    const QRectF outer = edge(arc.track);
    const QRectF inner = shrunk(edge(arc.track + 1), m_tracks > 1 ? -kGap : 0);
    const double gap = arc.span < 1 ? kGap * kFull / (M_PI * outer.width()) : 0;
    const double from = arc.from * kFull + gap / 2;
    const double span = std::max(arc.span * kFull - gap, 0.5);
    const QPainterPath shape = piece(outer, inner, from, span);
    painter.setPen(server.usable ? QPen(Qt::NoPen) : QPen(theme.muted, 1));
    painter.fillPath(shape, server.usable ? QBrush(theme.server(arc.server)) : hatch(theme));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(shape);
    if (arc.track == 0 && server.owed > 0)
        painter.fillPath(piece(circle(), shrunk(circle(), kRim * circle().width()), from,
                               std::max(span * server.owed, 3.0)),
                         theme.warning);
}

void RingView::drawMiddle(QPainter &painter, const Theme &theme) const
{
    const QRectF hole = shrunk(edge(m_tracks), spacingStep);
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
    for (const Arc &arc : m_arcs)
        drawArc(painter, arc, theme);
    painter.setOpacity(1); // Words have to be read.
    drawMiddle(painter, theme);
}

const RingView::Arc *RingView::arcAt(const QPointF &position) const
{
    const QPointF away = position - circle().center();
    const double inside = edge(0).width() / 2 - std::hypot(away.x(), away.y());
    const int track = static_cast<int>(std::floor(inside * m_tracks / thickness()));
    const double turn = std::atan2(away.x(), -away.y()) / (2 * M_PI);
    const double at = turn < 0 ? turn + 1 : turn;
    const auto arc = std::ranges::find_if(
        m_arcs, [&](const Arc &one) { return one.track == track && at >= one.from && at < one.to(); });
    return arc == m_arcs.end() ? nullptr : &*arc;
}

QString RingView::wordsOf(const Arc &arc) const
{
    const QString &words = m_servers.at(arc.server).words;
    if (m_tracks == 1)
        return words;
    const QStringList copies{tr("%1 % of the first copies"), tr("%1 % of the second copies"),
                             tr("%1 % of the third copies")};
    return words + u'\n' + copies.at(arc.track).arg(QLocale().toString(arc.span * 100, 'f', 0));
}

void RingView::mouseMoveEvent(QMouseEvent *event)
{
    setCursor(arcAt(event->position()) ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void RingView::mouseReleaseEvent(QMouseEvent *event)
{
    if (const Arc *arc = arcAt(event->position()); arc && event->button() == Qt::LeftButton)
        Q_EMIT serverClicked(m_servers.at(arc->server).name);
}

bool RingView::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    if (const Arc *arc = arcAt(help->pos()))
        QToolTip::showText(help->globalPos(), wordsOf(*arc), this);
    else
        QToolTip::hideText();
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
