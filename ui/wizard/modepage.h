// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/wizard/setuppage.h"

QT_BEGIN_NAMESPACE
class QButtonGroup;
QT_END_NAMESPACE

namespace cring::ui {

/// What there is: several servers, one, or one and a bucket.
class ModePage : public SetupPage
{
    Q_OBJECT

public:
    explicit ModePage(Setup &setup);

private:
    void addChoice(Setup::Mode mode, const QString &words, const QString &help);

    QButtonGroup *m_choices;
};

} // namespace cring::ui
