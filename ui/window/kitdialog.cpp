// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/kitdialog.h"

#include "ui/models/wording.h"
#include "ui/widgets/card.h"

#include <QDialogButtonBox>
#include <QFontDatabase>
#include <QLabel>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPrintDialog>
#include <QPrinter>
#include <QPushButton>
#include <QScreen>
#include <QScrollArea>
#include <QStackedWidget>
#include <QSvgRenderer>
#include <QSvgWidget>
#include <QVBoxLayout>

namespace cring::ui {

namespace {

constexpr int kPictureLines = 14;

/// As large as the person's own.
QFont fixedFont(const QFont &like)
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPointSizeF(like.pointSizeF());
    return font;
}

QLabel *paragraph(const QString &words, QWidget *parent)
{
    auto *label = new QLabel(words, parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

QVBoxLayout *columnOf(QWidget *step)
{
    auto *column = new QVBoxLayout(step);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(3 * spacingStep);
    return column;
}

} // namespace

KitDialog::KitDialog(models::Cring cring, const control::RecoveryKitStatus &kit, QWidget *parent)
    : QDialog(parent)
    , m_maker(std::move(cring))
    , m_hasOne(!kit.name.isEmpty())
    , m_steps(new QStackedWidget(this))
    , m_problem(paragraph({}, this))
{
    setWindowTitle(tr("Recovery kit"));
    setAttribute(Qt::WA_DeleteOnClose);
    m_steps->addWidget(makeAbout(kit));
    m_steps->addWidget(makePaper());
    m_steps->addWidget(makeCheck());
    m_steps->addWidget(makeDone());
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_other = buttons->addButton(QString(), QDialogButtonBox::ActionRole);
    m_next = buttons->addButton(QString(), QDialogButtonBox::ActionRole);
    m_next->setDefault(true);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_next, &QPushButton::clicked, this, [this] {
        switch (m_steps->currentIndex()) {
        case AboutStep:
            make();
            break;
        case PaperStep:
            showStep(CheckStep);
            break;
        case CheckStep:
            check();
            break;
        default:
            accept();
        }
    });
    connect(m_other, &QPushButton::clicked, this, [this] {
        if (m_steps->currentIndex() == PaperStep)
            print();
        else
            showStep(m_steps->currentIndex() == AboutStep || m_maker.page().isEmpty() ? CheckStep
                                                                                      : PaperStep);
    });
    connect(&m_maker, &models::KitMaker::made, this, &KitDialog::handleMade);
    connect(&m_maker, &models::KitMaker::checked, this, &KitDialog::handleChecked);
    connect(&m_maker, &models::KitMaker::failed, this, &KitDialog::handleFailed);
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(4 * spacingStep);
    layout->addWidget(m_steps, 1);
    layout->addWidget(m_problem);
    layout->addWidget(buttons);
    const QSize wanted(fontMetrics().averageCharWidth() * 112, fontMetrics().height() * 42);
    resize(wanted.boundedTo(screen()->availableSize() * 0.9));
    showStep(AboutStep);
}

QWidget *KitDialog::makeAbout(const control::RecoveryKitStatus &kit)
{
    auto *step = new QWidget;
    QVBoxLayout *column = columnOf(step);
    column->addWidget(paragraph(tr("Files in a bucket are encrypted as the clients have sent them. What they "
                                   "are read with, the accounts and "
                                   "their keys, is saved beside them, sealed to a key that is nowhere but on "
                                   "paper: the recovery kit. "
                                   "Without it a bucket is of no use when everything else is lost."),
                                step));
    column->addWidget(paragraph(tr("It is shown once, to be printed. Keep the paper away from the machines "
                                   "and from the bucket's keys."),
                                step));
    if (m_hasOne) {
        const QString made = kit.madeMs ? models::Wording::exactTime(*kit.madeMs) : tr("some time ago");
        column->addWidget(
            paragraph(tr("There is one already, %1, made %2. With a new one, what was saved until now is "
                         "opened by the old one alone: keep both.")
                          .arg(kit.name, made),
                      step));
    }
    column->addStretch(1);
    return step;
}

QWidget *KitDialog::makePaper()
{
    // The page is as wide as its longest line: at a large font it scrolls.
    auto *scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setAccessibleName(tr("The kit"));
    auto *step = new QWidget;
    QVBoxLayout *column = columnOf(step);
    m_page = new QLabel(step);
    m_page->setTextFormat(Qt::PlainText);
    m_page->setFont(fixedFont(font()));
    // To be read aloud and printed; not for the clipboard, which others read.
    m_page->setFocusPolicy(Qt::TabFocus);
    m_picture = new QSvgWidget(step);
    const int side = fontMetrics().height() * kPictureLines;
    m_picture->setFixedSize(side, side);
    m_picture->setAccessibleName(tr("The kit as a QR code"));
    column->addWidget(paragraph(tr("Print it now: it cannot be shown again."), step));
    column->addWidget(m_page);
    column->addWidget(m_picture, 0, Qt::AlignHCenter);
    column->addStretch(1);
    scroll->setWidget(step);
    return scroll;
}

QWidget *KitDialog::makeCheck()
{
    auto *step = new QWidget;
    QVBoxLayout *column = columnOf(step);
    auto *label = paragraph(
        tr("&Type the two lines in from the paper: only so is it known that it can be read."), step);
    m_typed = new QPlainTextEdit(step);
    m_typed->setFont(fixedFont(font()));
    m_typed->setTabChangesFocus(true);
    m_typed->setUndoRedoEnabled(false);
    m_typed->setAccessibleName(tr("The two lines of the kit"));
    m_typed->setFixedHeight(fontMetrics().height() * 5);
    label->setBuddy(m_typed);
    column->addWidget(label);
    column->addWidget(m_typed);
    column->addWidget(paragraph(tr("Blanks and small letters do not matter, nor do O for 0 and I or L for 1. "
                                   "A wrong letter is told with its "
                                   "line."),
                                step));
    column->addStretch(1);
    return step;
}

QWidget *KitDialog::makeDone()
{
    auto *step = new QWidget;
    QVBoxLayout *column = columnOf(step);
    m_done = paragraph({}, step);
    column->addWidget(m_done);
    column->addStretch(1);
    return step;
}

void KitDialog::showStep(int step)
{
    m_steps->setCurrentIndex(step);
    m_problem->clear();
    m_problem->hide();
    QString next;
    QString other;
    switch (step) {
    case AboutStep:
        next = m_hasOne ? tr("&Make a new kit") : tr("&Make the kit");
        other = m_hasOne ? tr("&Check the one there is") : QString();
        break;
    case PaperStep:
        next = tr("I &have it on paper");
        other = tr("&Print…");
        break;
    case CheckStep:
        next = tr("&Check");
        other = m_maker.page().isEmpty() ? QString() : tr("&Show it again");
        m_typed->setFocus();
        break;
    default:
        next = tr("&Done");
    }
    m_next->setText(next);
    m_next->setAccessibleName(QString(next).remove(u'&'));
    m_other->setText(other);
    m_other->setAccessibleName(QString(other).remove(u'&'));
    m_other->setVisible(!other.isEmpty());
    // Enter goes on, wherever the focus went while there was nothing to press.
    if (step != CheckStep)
        m_next->setFocus();
}

void KitDialog::make()
{
    m_next->setEnabled(false);
    m_maker.make();
}

void KitDialog::handleMade(const QString &)
{
    m_next->setEnabled(true);
    m_page->setText(QString::fromUtf8(m_maker.page().view()));
    m_picture->load(m_maker.picture().view().toByteArray());
    showStep(PaperStep);
}

void KitDialog::print()
{
    auto *printer = new QPrinter(QPrinter::HighResolution);
    auto *dialog = new QPrintDialog(printer, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, printer] { paintOn(*printer); });
    connect(dialog, &QObject::destroyed, this, [printer] { delete printer; });
    dialog->open();
}

void KitDialog::paintOn(QPrinter &printer) const
{
    QPainter painter(&printer);
    const QRectF page = printer.pageRect(QPrinter::DevicePixel);
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    constexpr double kPoints = 10;
    font.setPointSizeF(kPoints);
    painter.setFont(font);
    QRectF used;
    painter.drawText(QRectF(0, 0, page.width(), page.height()),
                     Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
                     QString::fromUtf8(m_maker.page().view()), &used);
    QSvgRenderer renderer(m_maker.picture().view().toByteArray());
    const double side = std::min(page.width() / 3, page.height() - used.height() * 1.1);
    renderer.render(&painter, QRectF(0, used.bottom() + used.height() * 0.05, side, side));
}

void KitDialog::check()
{
    m_next->setEnabled(false);
    m_maker.check(Secret(m_typed->toPlainText().toUtf8()));
}

void KitDialog::handleChecked(const QString &name)
{
    m_next->setEnabled(true);
    m_maker.forget();
    m_page->clear();
    m_picture->load(QByteArray());
    m_typed->clear();
    m_done->setText(tr("This is the recovery kit %1, and it opens what is saved.").arg(name));
    showStep(DoneStep);
}

void KitDialog::handleFailed(const QString &words)
{
    m_next->setEnabled(true);
    m_problem->setText(words);
    m_problem->show();
}

} // namespace cring::ui
