// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/sidebar.h"

#include "ui/widgets/card.h"
#include "ui/widgets/theme.h"

#include <QKeySequence>
#include <QPainter>
#include <QStyledItemDelegate>

namespace cring::ui {

namespace {

enum Roles { NoteRole = Qt::UserRole, UrgentRole, ShortcutRole };

class PageDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const override
    {
        return {option.fontMetrics.averageCharWidth() * 24, option.fontMetrics.height() + 4 * spacingStep};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const Theme theme = Theme::of(option.palette);
        const bool chosen = option.state & QStyle::State_Selected;
        const QRect inner = option.rect.adjusted(0, 1, 0, -1);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (chosen || (option.state & QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(chosen ? theme.chosen : theme.line);
            painter->drawRoundedRect(inner, 6, 6);
        }
        if (option.state & QStyle::State_HasFocus) {
            painter->setPen(QPen(theme.accent, 1.5));
            painter->setBrush(Qt::NoBrush);
            painter->drawRoundedRect(QRectF(inner).adjusted(1, 1, -1, -1), 6, 6);
        }
        QFont font = option.font;
        if (chosen)
            font.setWeight(QFont::DemiBold);
        painter->setFont(font);
        const bool inverse = chosen && theme.kind == Theme::Kind::HighContrast;
        painter->setPen(inverse ? option.palette.highlightedText().color() : theme.text);
        const QRect words = inner.adjusted(3 * spacingStep, 0, -3 * spacingStep, 0);
        painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter, index.data().toString());
        painter->setFont(option.font);
        drawNote(*painter, words, option, index, theme);
        painter->restore();
    }

private:
    static void drawNote(QPainter &painter, const QRect &words, const QStyleOptionViewItem &option,
                         const QModelIndex &index, const Theme &theme)
    {
        QString note = index.data(NoteRole).toString();
        const bool urgent = !note.isEmpty() && index.data(UrgentRole).toBool();
        if (note.isEmpty() && (option.state & QStyle::State_Selected))
            note = index.data(ShortcutRole).toString();
        if (urgent) {
            const int wide = std::max(option.fontMetrics.horizontalAdvance(note) + 3 * spacingStep,
                                      option.fontMetrics.height() + spacingStep);
            const QRect badge(words.right() - wide, words.center().y() - option.fontMetrics.height() / 2 - 1,
                              wide, option.fontMetrics.height() + 2);
            painter.setPen(Qt::NoPen);
            painter.setBrush(theme.warning);
            painter.drawRoundedRect(badge, badge.height() / 2.0, badge.height() / 2.0);
            painter.setPen(theme.kind == Theme::Kind::Dark ? theme.ground : theme.card);
            painter.drawText(badge, Qt::AlignCenter, note);
            return;
        }
        painter.setPen(theme.muted);
        painter.drawText(words, Qt::AlignRight | Qt::AlignVCenter, note);
    }
};

} // namespace

Sidebar::Sidebar(QWidget *parent)
    : QListWidget(parent)
{
    setAccessibleName(tr("Pages"));
    setFrameShape(QFrame::NoFrame);
    setItemDelegate(new PageDelegate(this));
    setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
    viewport()->setAutoFillBackground(false);
    setMouseTracking(true);
}

void Sidebar::addPage(const QString &name, int number)
{
    auto *item = new QListWidgetItem(name, this);
    const QString shortcut =
        QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_0 + number)).toString(QKeySequence::NativeText);
    item->setData(ShortcutRole, shortcut);
    item->setToolTip(tr("%1 (%2)").arg(name, shortcut));
}

void Sidebar::setNote(int page, const QString &note, bool urgent)
{
    QListWidgetItem *entry = item(page);
    if (!entry)
        return;
    entry->setData(NoteRole, note);
    entry->setData(UrgentRole, urgent);
    entry->setData(Qt::AccessibleTextRole,
                   note.isEmpty() ? entry->text() : tr("%1, %2").arg(entry->text(), note));
}

QSize Sidebar::sizeHint() const
{
    return {fontMetrics().averageCharWidth() * 26, 0};
}

} // namespace cring::ui
