// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>
#include <QTranslator>

#include <functional>

QT_BEGIN_NAMESPACE
class QMenu;
class QWidget;
QT_END_NAMESPACE

namespace cring::test {

/// Says every text of the program, and of Qt, between marks: what is seen without them was never given to a
/// translator.
class MarkingTranslator : public QTranslator
{
    Q_OBJECT

public:
    using QTranslator::QTranslator;

    QString translate(const char *context, const char *source, const char *disambiguation,
                      int n) const override;
    bool isEmpty() const override { return false; }
};

/// Looks at windows as they are at the moment, and remembers what is wrong with them.
class Looker
{
public:
    /// `isData`: a piece of text that no translator knows, and need not.
    explicit Looker(std::function<bool(const QString &)> isData)
        : m_isData(std::move(isData))
    {
    }

    /// Marks are looked for while a MarkingTranslator is installed.
    void setMarked(bool marked) { m_marked = marked; }

    /// One page, dialog or question; with `around` the rest of the window that it is seen in.
    void look(const QString &where, QWidget *view, const QList<QWidget *> &around = {});
    void look(const QString &where, const QMenu &menu);
    /// What is written in it, in all that it may show.
    void read(const QString &where, QWidget *window);

    int viewCount() const { return m_views; }
    int textCount() const { return m_texts; }
    int nameCount() const { return m_names; }
    const QStringList &faults() const { return m_faults; }

private:
    void lookAtNames(QWidget *view);
    void lookAtMnemonics(const QList<QWidget *> &views);
    void lookAtShortcuts(QWidget *view);
    void lookAtTexts(QWidget *view);
    void lookAtText(const QString &text);
    void takeMnemonic(const QString &text, QStringList &taken);
    void fault(const QString &words);

    std::function<bool(const QString &)> m_isData;
    QString m_where;
    QStringList m_faults;
    bool m_marked = false;
    int m_views = 0;
    int m_texts = 0;
    int m_names = 0;
};

} // namespace cring::test
