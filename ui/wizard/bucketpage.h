// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/wizard/setuppage.h"

QT_BEGIN_NAMESPACE
class QCheckBox;
QT_END_NAMESPACE

namespace cring::ui {

/// A bucket that gets every file as well, if one is wanted.
class BucketPage : public SetupPage
{
    Q_OBJECT

public:
    explicit BucketPage(Setup &setup);

    void initializePage() override;
    bool validatePage() override;

private:
    void test();

    QCheckBox *m_wanted;
    BackupForm *m_form;
};

} // namespace cring::ui
