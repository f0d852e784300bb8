// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tray/stopquestion.h"

#include "ui/models/servicewords.h"

#include <QCoreApplication>
#include <QPushButton>

namespace cring::ui {

namespace {

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::ui::StopQuestion)
};

} // namespace

QMessageBox *makeStopQuestion(const models::SnapshotPtr &snapshot, QWidget *parent)
{
    auto *box = new QMessageBox(QMessageBox::Warning, Words::tr("Stop the service"),
                                Words::tr("Stop protecting files?"), QMessageBox::NoButton, parent);
    box->setInformativeText(models::stopWords(snapshot) + u' ' +
                            Words::tr("Quitting the window instead leaves the service running."));
    QPushButton *stop = box->addButton(Words::tr("&Stop the service"), QMessageBox::DestructiveRole);
    QPushButton *keep = box->addButton(Words::tr("&Keep it running"), QMessageBox::RejectRole);
    box->setDefaultButton(keep);
    box->setEscapeButton(keep);
    box->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(stop, &QPushButton::clicked, box, &QDialog::accepted);
    return box;
}

} // namespace cring::ui
