// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/tables.h"

#include "ui/widgets/card.h"
#include "ui/widgets/toneshape.h"

#include <QApplication>
#include <QHeaderView>
#include <QPainter>
#include <QProxyStyle>
#include <QScrollBar>
#include <QTableView>

#include <algorithm>

namespace cring::ui {

namespace {

/// Room between the columns, in the cells as in the header, and headings that are quieter than what is below
/// them.
class RoomyStyle : public QProxyStyle
{
public:
    int pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const override
    {
        constexpr int kRoom = 2 * spacingStep;
        if (metric == PM_HeaderMargin)
            return kRoom;
        if (metric == PM_FocusFrameHMargin)
            return kRoom - 1; // The style adds one.
        return QProxyStyle::pixelMetric(metric, option, widget);
    }

    void drawControl(ControlElement element, const QStyleOption *option, QPainter *painter,
                     const QWidget *widget) const override
    {
        const Theme theme = Theme::of(option->palette);
        if (element == CE_HeaderSection || element == CE_HeaderEmptyArea) {
            painter->fillRect(option->rect, theme.card);
            painter->fillRect(QRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1),
                              theme.line);
            return;
        }
        const auto *heading = qstyleoption_cast<const QStyleOptionHeader *>(option);
        if (element == CE_HeaderLabel && heading) {
            QStyleOptionHeader quiet = *heading;
            quiet.palette.setColor(QPalette::ButtonText, theme.muted);
            QProxyStyle::drawControl(element, &quiet, painter, widget);
            return;
        }
        QProxyStyle::drawControl(element, option, painter, widget);
    }

    void drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                       const QWidget *widget) const override
    {
        // Rows are chosen, not cells: the table draws where the keyboard is.
        if (element != PE_FrameFocusRect)
            QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
};

/// Chosen rows keep their text's colour, and the shapes in them theirs; a thin line is between two rows, and
/// a frame around the one that the keyboard is at.
class Table : public QTableView
{
public:
    using QTableView::QTableView;

protected:
    void initViewItemOption(QStyleOptionViewItem *option) const override
    {
        QTableView::initViewItemOption(option);
        const Theme theme = Theme::of(palette());
        if (theme.kind == Theme::Kind::HighContrast)
            return;
        option->palette.setColor(QPalette::Highlight, theme.chosen);
        option->palette.setColor(QPalette::HighlightedText, theme.text);
    }

    void paintEvent(QPaintEvent *event) override
    {
        QTableView::paintEvent(event);
        const int last = model() ? model()->rowCount() - 1 : -1;
        QPainter painter(viewport());
        const Theme theme = Theme::of(palette());
        for (int row = std::max(0, rowAt(0)); row < last; ++row) {
            const int bottom = rowViewportPosition(row) + rowHeight(row) - 1;
            if (bottom > viewport()->height())
                break;
            painter.fillRect(QRect(0, bottom, viewport()->width(), 1), theme.line);
        }
        if (!hasFocus() || !currentIndex().isValid() || !window()->testAttribute(Qt::WA_KeyboardFocusChange))
            return;
        const int row = currentIndex().row();
        painter.setPen(theme.accent);
        painter.drawRect(
            QRect(0, rowViewportPosition(row), viewport()->width(), rowHeight(row)).adjusted(0, 0, -1, -1));
    }

    // What stays of the picture has the frame's old edge in it.
    void scrollContentsBy(int dx, int dy) override
    {
        QTableView::scrollContentsBy(dx, dy);
        if (dx != 0)
            viewport()->update();
    }

    // The cells' old and new place alone would be drawn anew.
    void currentChanged(const QModelIndex &current, const QModelIndex &previous) override
    {
        QTableView::currentChanged(current, previous);
        viewport()->update();
    }
};

/// A cell without its text: background, focus, selection.
void drawEmptyCell(QPainter *painter, QStyleOptionViewItem option, const QString &without = {})
{
    option.text = without;
    const QStyle *style = option.widget ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &option, painter, option.widget);
}

QColor textColour(const QStyleOptionViewItem &option)
{
    return option.palette.color(option.state & QStyle::State_Selected ? QPalette::HighlightedText
                                                                      : QPalette::Text);
}

/// The line, gap by gap.
void drawLine(QPainter &painter, const QRectF &area, const QList<qint64> &values, qsizetype most)
{
    const qint64 top = std::max<qint64>(10, *std::ranges::max_element(values));
    const double step = area.width() / static_cast<double>(std::max<qsizetype>(1, most - 1));
    double x = area.right() - step * static_cast<double>(values.size() - 1);
    QPolygonF line;
    for (const qint64 value : values) {
        if (value < 0) {
            painter.drawPolyline(line);
            line.clear();
        } else {
            line.append(
                {x, area.bottom() - area.height() * static_cast<double>(value) / static_cast<double>(top)});
        }
        x += step;
    }
    painter.drawPolyline(line);
}

} // namespace

ToneDelegate::ToneDelegate(int toneRole, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_toneRole(toneRole)
{
}

void ToneDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    const int side = option->fontMetrics.height();
    option->features |= QStyleOptionViewItem::HasDecoration;
    option->decorationSize = {side, side};
    option->icon = toneIcon(index.data(m_toneRole).value<models::Tone>(), Theme::of(option->palette));
}

SparklineDelegate::SparklineDelegate(int valuesRole, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_valuesRole(valuesRole)
{
}

QSize SparklineDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const QSize text = QStyledItemDelegate::sizeHint(option, index);
    return {option.fontMetrics.averageCharWidth() * 24, text.height()};
}

void SparklineDelegate::paint(QPainter *painter, const QStyleOptionViewItem &given,
                              const QModelIndex &index) const
{
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    drawEmptyCell(painter, option);
    const QRect inner = option.rect.adjusted(2 * spacingStep, 0, -2 * spacingStep, 0);
    painter->save();
    painter->setPen(textColour(option));
    painter->drawText(inner, Qt::AlignRight | Qt::AlignVCenter, option.text);
    const int numbers = option.fontMetrics.horizontalAdvance(QStringLiteral("0,000 ms"));
    const auto values = index.data(m_valuesRole).value<QList<qint64>>();
    const QRect area = inner.adjusted(0, inner.height() / 4, -numbers - 2 * spacingStep, -inner.height() / 4);
    if (values.size() > 1 && area.width() > 4 * spacingStep) {
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(QPen(Theme::of(option.palette).accent, 1.5));
        drawLine(*painter, area, values, models::ServersModel::historyLength);
    }
    painter->restore();
}

ProgressDelegate::ProgressDelegate(int fractionRole, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_fractionRole(fractionRole)
{
}

void ProgressDelegate::paint(QPainter *painter, const QStyleOptionViewItem &given,
                             const QModelIndex &index) const
{
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    const QVariant fraction = index.data(m_fractionRole);
    if (!fraction.isValid()) {
        QStyledItemDelegate::paint(painter, given, index);
        return;
    }
    drawEmptyCell(painter, option);
    constexpr int kBar = 4;
    const QRect inner = option.rect.adjusted(2 * spacingStep, 0, -2 * spacingStep, 0);
    painter->save();
    painter->setPen(textColour(option));
    painter->drawText(inner.adjusted(0, 0, 0, -kBar), Qt::AlignRight | Qt::AlignVCenter, option.text);
    const Theme theme = Theme::of(option.palette);
    QRectF bar(inner.left(), inner.bottom() - kBar - 1, inner.width(), kBar);
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme.line);
    painter->drawRoundedRect(bar, kBar / 2.0, kBar / 2.0);
    bar.setWidth(bar.width() * fraction.toDouble());
    painter->setBrush(theme.accent);
    painter->drawRoundedRect(bar, kBar / 2.0, kBar / 2.0);
    painter->restore();
}

CopiesDelegate::CopiesDelegate(int copiesRole, int wantedRole, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_copiesRole(copiesRole)
    , m_wantedRole(wantedRole)
{
}

void CopiesDelegate::paint(QPainter *painter, const QStyleOptionViewItem &given,
                           const QModelIndex &index) const
{
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    drawEmptyCell(painter, option);
    constexpr int kMost = 5; // More squares than that nobody counts.
    const Theme theme = Theme::of(option.palette);
    const int copies = index.data(m_copiesRole).toInt();
    const int wanted = index.data(m_wantedRole).toInt();
    const QRect inner = option.rect.adjusted(2 * spacingStep, 0, -2 * spacingStep, 0);
    const int side = option.fontMetrics.ascent() - 1;
    constexpr double kRadius = 2.5;
    QRect square(inner.left(), inner.center().y() - side / 2, side, side);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    for (int i = 0; i < std::min(wanted, kMost); ++i) {
        if (i < copies) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(theme.good);
            painter->drawRoundedRect(square, kRadius, kRadius);
        } else {
            painter->setPen(QPen(copies == 0 ? theme.bad : theme.warning, 2));
            painter->setBrush(Qt::NoBrush);
            painter->drawRoundedRect(square.adjusted(1, 1, -1, -1), kRadius, kRadius);
        }
        square.translate(side + spacingStep, 0);
    }
    painter->setPen(textColour(option));
    const QRect words = inner.adjusted(square.left() - inner.left() + spacingStep, 0, 0, 0);
    painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                      option.fontMetrics.elidedText(option.text, Qt::ElideRight, words.width()));
    painter->restore();
}

QTableView *makeTable(const QString &accessibleName, QWidget *parent)
{
    auto *table = new Table(parent);
    auto *style = new RoomyStyle;
    style->setParent(table);
    table->setStyle(style);
    table->horizontalHeader()->setStyle(style);
    table->setAccessibleName(accessibleName);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setTabKeyNavigation(false);
    table->setWordWrap(false);
    table->setShowGrid(false);
    table->setFrameShape(QFrame::NoFrame);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->setCornerButtonEnabled(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 4 * spacingStep);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    return table;
}

void fitHeight(QTableView *table, int mostRows)
{
    const auto fit = [table, mostRows] {
        const int rows = std::clamp(table->model()->rowCount(), 1, mostRows);
        const QScrollBar *bar = table->horizontalScrollBar();
        table->setFixedHeight(table->horizontalHeader()->sizeHint().height() +
                              rows * table->verticalHeader()->defaultSectionSize() + 2 +
                              (bar->maximum() > bar->minimum() ? bar->sizeHint().height() : 0));
    };
    table->setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    QObject::connect(table->horizontalScrollBar(), &QScrollBar::rangeChanged, table, fit);
    QObject::connect(table->model(), &QAbstractItemModel::rowsInserted, table, fit);
    QObject::connect(table->model(), &QAbstractItemModel::rowsRemoved, table, fit);
    fit();
}

} // namespace cring::ui
