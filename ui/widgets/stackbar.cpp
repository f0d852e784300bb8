// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/stackbar.h"

#include "ui/widgets/theme.h"

#include <QPainter>
#include <QPainterPath>

namespace cring::ui {

namespace {

constexpr int kHeight = 8;
/// So that three files of a million are seen.
constexpr double kLeastWidth = 4;

} // namespace

StackBar::StackBar(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void StackBar::setParts(const QList<Part> &parts)
{
    if (parts == m_parts)
        return;
    m_parts = parts;
    update();
}

void StackBar::setWords(const QString &words)
{
    setAccessibleName(words);
}

QSize StackBar::sizeHint() const
{
    return {20 * kHeight, kHeight};
}

void StackBar::paintEvent(QPaintEvent *)
{
    const Theme theme = Theme::of(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath outline;
    outline.addRoundedRect(rect(), kHeight / 2.0, kHeight / 2.0);
    painter.setClipPath(outline);
    painter.fillRect(rect(), theme.line);
    constexpr double kStale = 0.4; // What was known last.
    painter.setOpacity(isEnabled() ? 1 : kStale);
    double left = 0;
    for (const Part &part : m_parts) {
        if (part.share <= 0)
            continue;
        const double wide = std::max(part.share * width(), kLeastWidth);
        painter.fillRect(QRectF(left, 0, wide, height()), theme.tone(part.tone));
        left += wide;
    }
}

} // namespace cring::ui
