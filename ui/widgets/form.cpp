// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/form.h"

#include "ui/widgets/card.h"
#include "ui/widgets/toneshape.h"

#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QRegularExpression>

namespace cring::ui {

namespace {

/// The shape before what is wrong.
class ErrorShape : public QWidget
{
public:
    explicit ErrorShape(QWidget *parent)
        : QWidget(parent)
    {
        const int side = fontMetrics().ascent();
        setFixedSize(side, side + fontMetrics().descent());
        hide();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        drawTone(painter, QRectF(0, height() - width(), width(), width()), models::Tone::Bad,
                 Theme::of(palette()));
    }
};

enum Column { LabelColumn, FieldColumn, FieldEnd };

} // namespace

Form::Form(QWidget *parent)
    : QWidget(parent)
    , m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(4 * spacingStep);
    m_grid->setVerticalSpacing(spacingStep);
    m_grid->setColumnStretch(FieldColumn, 1);
}

void Form::addField(const QString &key, const QString &label, QWidget *field, const QString &help)
{
    Row row{new QLabel(label, this), field, mutedLabel(this), new ErrorShape(this), help};
    field->setParent(this);
    row.label->setBuddy(field);
    field->setAccessibleName(QString(label).remove(u'&').remove(QRegularExpression(QStringLiteral(":$"))));
    const int at = m_grid->rowCount();
    m_grid->addWidget(row.label, at, LabelColumn, Qt::AlignLeft | Qt::AlignVCenter);
    m_grid->addWidget(field, at, FieldColumn);
    auto *below = new QHBoxLayout;
    below->setSpacing(2 * spacingStep);
    below->setContentsMargins(0, 0, 0, 2 * spacingStep);
    below->addWidget(row.shape, 0, Qt::AlignTop);
    below->addWidget(row.note, 1);
    m_grid->addLayout(below, at + 1, FieldColumn);
    m_rows.insert(key, row);
    showNote(row, {});
}

QLineEdit *Form::addText(const QString &key, const QString &label, const QString &help)
{
    auto *edit = new QLineEdit(this);
    connect(edit, &QLineEdit::textEdited, this, &Form::edited);
    addField(key, label, edit, help);
    return edit;
}

void Form::addWide(QWidget *widget)
{
    m_grid->addWidget(widget, m_grid->rowCount(), LabelColumn, 1, FieldEnd);
}

void Form::showNote(const Row &row, const QString &error)
{
    const QString words = error.isEmpty() ? row.help : error;
    row.note->setText(words);
    const bool visible = !row.field->isHidden();
    row.note->setVisible(visible && !words.isEmpty());
    row.shape->setVisible(visible && !error.isEmpty());
    row.field->setAccessibleDescription(words);
}

void Form::setHelp(const QString &key, const QString &help)
{
    m_rows[key].help = help;
    showNote(m_rows[key], {});
}

void Form::setError(const QString &key, const QString &words)
{
    showNote(m_rows.value(key), words);
    if (!std::exchange(m_hasErrors, true))
        m_rows.value(key).field->setFocus();
}

void Form::clearErrors()
{
    m_hasErrors = false;
    for (const Row &row : std::as_const(m_rows))
        showNote(row, {});
}

void Form::setFieldVisible(const QString &key, bool visible)
{
    const Row &row = m_rows[key];
    row.label->setVisible(visible);
    row.field->setVisible(visible);
    showNote(row, {});
}

} // namespace cring::ui
