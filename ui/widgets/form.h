// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QGridLayout;
class QLabel;
class QLineEdit;
QT_END_NAMESPACE

namespace cring::ui {

/// Fields one below the other: a label with a mnemonic, what is entered, a word of help below it, and there
/// as well, in words and with a shape, what is wrong with it.
class Form : public QWidget
{
    Q_OBJECT

public:
    explicit Form(QWidget *parent = nullptr);

    /// `key`: what setError() knows it by. The label's words are its accessible name, the help its
    /// description. Takes over the widget.
    void addField(const QString &key, const QString &label, QWidget *field, const QString &help = {});
    QLineEdit *addText(const QString &key, const QString &label, const QString &help = {});
    /// Over the whole width, below the last field.
    void addWide(QWidget *widget);

    bool hasField(const QString &key) const { return m_rows.contains(key); }

    /// Other help from now on.
    void setHelp(const QString &key, const QString &help);
    /// Says it beside the field; the first one that gets one has the focus then.
    void setError(const QString &key, const QString &words);
    void clearErrors();
    bool hasErrors() const { return m_hasErrors; }

    /// Shows a field, or leaves it out.
    void setFieldVisible(const QString &key, bool visible);

Q_SIGNALS:
    /// A person has changed something in a text.
    void edited();

private:
    struct Row
    {
        QLabel *label;
        QWidget *field;
        QLabel *note;
        QWidget *shape;
        QString help;
    };

    void showNote(const Row &row, const QString &error);

    QGridLayout *m_grid;
    QHash<QString, Row> m_rows;
    bool m_hasErrors = false;
};

} // namespace cring::ui
