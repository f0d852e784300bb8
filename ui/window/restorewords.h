// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/restore.h"

#include <QCoreApplication>

namespace cring::ui {

/// What a restore would be, is, or was, in sentences.
class RestoreWords
{
    Q_DECLARE_TR_FUNCTIONS(cring::ui::RestoreWords)

public:
    static QString of(const models::Restore &restore);
    /// What its count has found.
    static QString counted(const models::Restore &restore);

private:
    static QString ended(const models::Restore &restore);
};

} // namespace cring::ui
