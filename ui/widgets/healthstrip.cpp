// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/healthstrip.h"

#include "ui/models/healthhistory.h"
#include "ui/widgets/card.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QPainter>

namespace cring::ui {

using models::HealthSpan;

namespace {

/// What nobody sees is not drawn thinner than this.
constexpr double kLeastWidth = 2;

struct Look
{
    QColor colour;
    double height = 1; ///< Of the strip's.
};

Look lookOf(HealthSpan::State state, const Theme &theme)
{
    switch (state) {
    case HealthSpan::State::Up:
        return {theme.good, 0.5};
    case HealthSpan::State::Impaired:
        return {theme.warning, 0.75};
    case HealthSpan::State::Down:
        return {theme.bad, 1};
    case HealthSpan::State::Unknown:
        break;
    }
    return {theme.line, 0.12};
}

void drawSpans(QPainter &painter, const QRectF &area, const QList<HealthSpan> &spans, const Theme &theme)
{
    const qint64 begin = spans.first().fromMs;
    const double scale = area.width() / static_cast<double>(std::max<qint64>(1, spans.last().toMs - begin));
    // What is rare and short is drawn last, over its neighbours.
    for (const auto state : {HealthSpan::State::Unknown, HealthSpan::State::Up, HealthSpan::State::Impaired,
                             HealthSpan::State::Down}) {
        const Look look = lookOf(state, theme);
        for (const HealthSpan &span : spans) {
            if (span.state != state)
                continue;
            const double width = std::max(kLeastWidth, static_cast<double>(span.toMs - span.fromMs) * scale);
            const double height = std::max(1.0, area.height() * look.height);
            const double left = area.left() + static_cast<double>(span.fromMs - begin) * scale;
            painter.fillRect(
                QRectF(std::min(left, area.right() - width), area.bottom() - height, width, height),
                look.colour);
        }
    }
}

} // namespace

HealthDelegate::HealthDelegate(int spansRole, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_spansRole(spansRole)
{
}

QSize HealthDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    return {std::max(size.width(), option.fontMetrics.averageCharWidth() * 26), size.height()};
}

void HealthDelegate::paint(QPainter *painter, const QStyleOptionViewItem &given,
                           const QModelIndex &index) const
{
    const auto spans = index.data(m_spansRole).value<QList<HealthSpan>>();
    if (spans.isEmpty()) {
        QStyledItemDelegate::paint(painter, given, index);
        return;
    }
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    const QString words = option.text;
    option.text.clear();
    const QStyle *style = option.widget ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &option, painter, option.widget);
    const QRect inner = option.rect.adjusted(2 * spacingStep, 0, -2 * spacingStep, 0);
    const Theme theme = Theme::of(option.palette);
    painter->save();
    const bool inverse = (option.state & QStyle::State_Selected) && theme.kind == Theme::Kind::HighContrast;
    painter->setPen(inverse ? option.palette.highlightedText().color() : theme.text);
    painter->drawText(inner, Qt::AlignRight | Qt::AlignVCenter, words);
    const int numbers = option.fontMetrics.horizontalAdvance(QStringLiteral("100.0 %")) + 2 * spacingStep;
    const QRectF area = QRectF(inner).adjusted(0, inner.height() / 4.0, -numbers, -inner.height() / 4.0);
    if (area.width() > 4 * spacingStep)
        drawSpans(*painter, area, spans, theme);
    painter->restore();
}

} // namespace cring::ui
