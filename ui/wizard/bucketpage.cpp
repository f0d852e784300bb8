// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/bucketpage.h"

#include "ui/settings/backupdialog.h"
#include "ui/window/page.h"
#include "ui/window/trialdialog.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace cring::ui {

BucketPage::BucketPage(Setup &setup)
    : SetupPage(setup, tr("A backup"),
                tr("A bucket at any S3-compatible store gets every file as well, seconds after it was "
                   "stored: should "
                   "all servers be lost at once."))
    , m_wanted(new QCheckBox(tr("Bac&k up to an S3 bucket"), this))
    , m_form(new BackupForm(keyFolderOf(setup.configuration()), this))
{
    m_wanted->setAccessibleName(tr("Back up to an S3 bucket"));
    column()->addWidget(m_wanted);
    column()->addWidget(m_form);
    QWidget *buttons = makeActions(this);
    QPushButton *test =
        addButton(buttons, tr("&Test…"),
                  tr("Looks at the bucket step by step, and writes, reads and deletes an object"));
    qobject_cast<QHBoxLayout *>(buttons->layout())->addStretch(1);
    column()->addWidget(buttons);
    column()->addStretch(1);
    const auto enable = [this, test](bool on) {
        m_form->setEnabled(on);
        test->setEnabled(on);
    };
    enable(false);
    connect(m_wanted, &QCheckBox::toggled, this, enable);
    connect(test, &QPushButton::clicked, this, &BucketPage::test);
    connect(m_form, &Form::edited, this, [this] { say(models::Tone::Unknown, {}); });
    setFocusProxy(m_wanted);
}

void BucketPage::initializePage()
{
    if (setup().mode == Setup::Mode::Bucket)
        m_wanted->setChecked(true);
}

void BucketPage::test()
{
    if (!m_form->check())
        return;
    auto *dialog = new TrialDialog(
        m_form->entry().bucket,
        [this](QObject *context) { return m_form->trial(setup().configuration().cring(), context); }, this);
    dialog->open();
}

bool BucketPage::validatePage()
{
    if (!m_wanted->isChecked()) {
        if (setup().mode == Setup::Mode::Bucket) {
            say(models::Tone::Bad, tr("With one server, the bucket is the other place for your files."));
            return false;
        }
        setup().backup.reset();
        setup().keys = {};
        return true;
    }
    if (!m_form->check())
        return false;
    setup().backup = m_form->entry();
    setup().keys = m_form->hasKeys() ? std::function<Secret()>([this] { return m_form->keys(); }) : nullptr;
    return true;
}

} // namespace cring::ui
