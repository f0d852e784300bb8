// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/card.h"

#include "ui/widgets/theme.h"

#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace cring::ui {

namespace {

constexpr double kRadius = 8;

QFont strong(QFont font)
{
    font.setWeight(QFont::DemiBold);
    return font;
}

/// Follows a change of the palette, which a colour that is set once does not.
class MutedLabel : public QLabel
{
public:
    using QLabel::QLabel;

protected:
    void paintEvent(QPaintEvent *event) override
    {
        const Theme theme = Theme::of(window()->palette());
        if (palette().color(QPalette::WindowText) != theme.muted) {
            QPalette muted = palette();
            muted.setColor(QPalette::WindowText, theme.muted);
            setPalette(muted);
        }
        QLabel::paintEvent(event);
    }
};

} // namespace

Card::Card(const QString &title, QWidget *parent)
    : QFrame(parent)
    , m_body(new QVBoxLayout(this))
{
    m_body->setContentsMargins(4 * spacingStep, 3 * spacingStep, 4 * spacingStep, 4 * spacingStep);
    m_body->setSpacing(2 * spacingStep);
    if (title.isEmpty())
        return;
    setAccessibleName(title);
    QLabel *heading = mutedLabel(this);
    heading->setText(title);
    heading->setFont(strong(heading->font()));
    m_body->addWidget(heading);
}

void Card::paintEvent(QPaintEvent *)
{
    const Theme theme = Theme::of(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.line, 1));
    painter.setBrush(theme.card);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), kRadius, kRadius);
}

QLabel *mutedLabel(QWidget *parent)
{
    auto *label = new MutedLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

QLabel *figureLabel(QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::RichText);
    label->setWordWrap(true);
    return label;
}

QString figureText(const QString &figure, const QString &meaning)
{
    return QStringLiteral("<span style='font-size:xx-large; font-weight:600'>%1</span>&nbsp; %2")
        .arg(figure.toHtmlEscaped().replace(u' ', QStringLiteral("&nbsp;")), meaning.toHtmlEscaped());
}

} // namespace cring::ui
