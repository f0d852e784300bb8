// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/looker.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QAction>
#include <QComboBox>
#include <QGroupBox>
#include <QHeaderView>
#include <QKeySequence>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QScrollBar>
#include <QShortcut>
#include <QSpinBox>
#include <QTableView>
#include <QTextDocumentFragment>
#include <QTextEdit>

#include <algorithm>

namespace cring::test {

namespace {

const QChar kOpen(0x27e6);
const QChar kClosed(0x27e7);

/// Parts of Qt's own widgets, which have Qt's own names and ways.
bool isInner(const QWidget *widget)
{
    const QWidget *parent = widget->parentWidget();
    return widget->objectName().startsWith(QStringLiteral("qt_")) ||
           qobject_cast<const QComboBox *>(parent) || qobject_cast<const QAbstractSpinBox *>(parent) ||
           qobject_cast<const QLineEdit *>(parent) || qobject_cast<const QAbstractItemView *>(parent) ||
           qobject_cast<const QHeaderView *>(widget) || qobject_cast<const QScrollBar *>(widget) ||
           widget->inherits("QComboBoxListView");
}

bool isInteractive(const QWidget *widget)
{
    return qobject_cast<const QAbstractButton *>(widget) || qobject_cast<const QLineEdit *>(widget) ||
           qobject_cast<const QComboBox *>(widget) || qobject_cast<const QAbstractItemView *>(widget) ||
           qobject_cast<const QAbstractSpinBox *>(widget) || qobject_cast<const QAbstractSlider *>(widget) ||
           qobject_cast<const QPlainTextEdit *>(widget) || qobject_cast<const QTextEdit *>(widget);
}

/// What can be reached by an Alt and a letter.
QString reachedBy(const QWidget *widget)
{
    if (const auto *button = qobject_cast<const QAbstractButton *>(widget))
        return button->text();
    if (const auto *group = qobject_cast<const QGroupBox *>(widget))
        return group->title();
    const auto *label = qobject_cast<const QLabel *>(widget);
    return label && label->buddy() ? label->text() : QString();
}

QStringList textsOf(const QAbstractItemModel &model, const QModelIndex &parent)
{
    constexpr int kMostRows = 200;
    QStringList texts;
    for (int column = 0; column < model.columnCount(parent); ++column) {
        for (const int role : {Qt::DisplayRole, Qt::ToolTipRole, Qt::AccessibleTextRole})
            texts.append(model.headerData(column, Qt::Horizontal, role).toString());
    }
    for (int row = 0; row < std::min(kMostRows, model.rowCount(parent)); ++row) {
        for (int column = 0; column < model.columnCount(parent); ++column) {
            const QModelIndex index = model.index(row, column, parent);
            for (const int role :
                 {Qt::DisplayRole, Qt::ToolTipRole, Qt::AccessibleTextRole, Qt::AccessibleDescriptionRole})
                texts.append(index.data(role).toString());
        }
    }
    return texts;
}

QStringList textsOf(const QWidget *widget)
{
    QStringList texts{widget->toolTip(), widget->accessibleName(), widget->accessibleDescription(),
                      widget->statusTip(), widget->whatsThis()};
    if (widget->isWindow())
        texts.append(widget->windowTitle());
    if (const auto *label = qobject_cast<const QLabel *>(widget))
        texts.append(label->text());
    else if (const auto *button = qobject_cast<const QAbstractButton *>(widget))
        texts.append(button->text());
    else if (const auto *group = qobject_cast<const QGroupBox *>(widget))
        texts.append(group->title());
    else if (const auto *line = qobject_cast<const QLineEdit *>(widget))
        texts.append(line->placeholderText());
    else if (const auto *plain = qobject_cast<const QPlainTextEdit *>(widget))
        texts.append(plain->placeholderText());
    else if (const auto *spin = qobject_cast<const QSpinBox *>(widget))
        texts += {spin->prefix(), spin->suffix(), spin->specialValueText()};
    else if (const auto *view = qobject_cast<const QAbstractItemView *>(widget); view && view->model())
        texts += textsOf(*view->model(), view->rootIndex());
    if (const auto *choice = qobject_cast<const QComboBox *>(widget)) {
        for (int i = 0; i < choice->count(); ++i)
            texts.append(choice->itemText(i));
    }
    for (const QAction *action : widget->actions())
        texts += {action->text(), action->toolTip()};
    return texts;
}

} // namespace

QString MarkingTranslator::translate(const char *, const char *source, const char *, int) const
{
    return kOpen + QString::fromUtf8(source) + kClosed;
}

void Looker::fault(const QString &words)
{
    const QString all = m_where + QStringLiteral(": ") + words;
    if (!m_faults.contains(all))
        m_faults.append(all);
}

void Looker::look(const QString &where, QWidget *view, const QList<QWidget *> &around)
{
    m_where = where;
    ++m_views;
    lookAtNames(view);
    lookAtMnemonics(QList<QWidget *>{view} + around);
    lookAtShortcuts(view->window());
    if (m_marked)
        lookAtTexts(view);
}

void Looker::read(const QString &where, QWidget *window)
{
    m_where = where;
    if (m_marked)
        lookAtTexts(window);
}

void Looker::look(const QString &where, const QMenu &menu)
{
    m_where = where;
    ++m_views;
    QStringList taken;
    for (QAction *action : menu.actions()) {
        takeMnemonic(action->text(), taken);
        if (m_marked) {
            lookAtText(action->text());
            lookAtText(action->toolTip());
        }
        if (action->menu())
            look(where + u'/' + action->text(), *action->menu());
        m_where = where;
    }
}

void Looker::lookAtNames(QWidget *view)
{
    for (QWidget *widget : view->findChildren<QWidget *>()) {
        if (!isInteractive(widget) || isInner(widget) || widget->isHidden())
            continue;
        ++m_names;
        QAccessibleInterface *read = QAccessible::queryAccessibleInterface(widget);
        if (!read || read->text(QAccessible::Name).trimmed().isEmpty())
            fault(QStringLiteral("a %1 has no name for a screen reader")
                      .arg(QLatin1String(widget->metaObject()->className())));
    }
}

void Looker::takeMnemonic(const QString &text, QStringList &taken)
{
    const QKeySequence key = QKeySequence::mnemonic(text);
    if (key.isEmpty())
        return;
    const QString letter = key.toString(QKeySequence::PortableText);
    for (const QString &other : std::as_const(taken)) {
        if (other.startsWith(letter + u' ') && other != letter + u' ' + text)
            fault(QStringLiteral("%1 is for “%2” and for “%3”")
                      .arg(letter, text, other.mid(letter.size() + 1)));
    }
    taken.append(letter + u' ' + text);
}

/// Those that are hidden count, too: they come with another state.
void Looker::lookAtMnemonics(const QList<QWidget *> &views)
{
    QStringList taken;
    for (const QWidget *view : views) {
        takeMnemonic(reachedBy(view), taken);
        for (const QWidget *widget : view->findChildren<QWidget *>())
            if (!isInner(widget) && widget->window() == view->window())
                takeMnemonic(reachedBy(widget), taken);
    }
}

void Looker::lookAtShortcuts(QWidget *view)
{
    QHash<QString, QString> taken;
    const auto take = [&](const QKeySequence &key, const QObject *scope, const QString &what) {
        if (key.isEmpty())
            return;
        const QString place = QStringLiteral("%1 in %2").arg(key.toString()).arg(quintptr(scope));
        if (const QString other = taken.value(place); !other.isEmpty() && other != what)
            fault(QStringLiteral("%1 does two things").arg(key.toString()));
        taken.insert(place, what);
    };
    for (const QShortcut *shortcut : view->findChildren<QShortcut *>())
        take(shortcut->key(), shortcut->context() == Qt::WindowShortcut ? view : shortcut->parent(),
             QString::number(quintptr(shortcut)));
    for (const QAction *action : view->findChildren<QAction *>()) {
        for (const QKeySequence &key : action->shortcuts())
            take(key, action->shortcutContext() == Qt::WindowShortcut ? view : action->parent(),
                 QString::number(quintptr(action)));
    }
}

void Looker::lookAtTexts(QWidget *view)
{
    QList<QWidget *> all = view->findChildren<QWidget *>();
    all.prepend(view);
    for (const QWidget *widget : std::as_const(all)) {
        if (isInner(widget) || (widget != view && widget->window() != view->window()))
            continue;
        for (const QString &text : textsOf(widget))
            lookAtText(text);
    }
}

void Looker::lookAtText(const QString &text)
{
    if (text.isEmpty())
        return;
    ++m_texts;
    const QString plain =
        Qt::mightBeRichText(text) ? QTextDocumentFragment::fromHtml(text).toPlainText() : text;
    QString unmarked;
    int depth = 0;
    for (const QChar c : plain) {
        depth += c == kOpen ? 1 : 0;
        if (depth == 0)
            unmarked += c;
        depth -= c == kClosed ? 1 : 0;
    }
    static const QRegularExpression apart(QStringLiteral("[\\s,;()“”\"]+"));
    static const QRegularExpression letters(QStringLiteral("\\p{L}{2}"));
    for (const QString &piece : unmarked.split(apart, Qt::SkipEmptyParts)) {
        if (piece.contains(letters) && !m_isData(piece)) {
            fault(QStringLiteral("“%1” was given to no translator, in “%2”").arg(piece, plain));
            return;
        }
    }
}

} // namespace cring::test
