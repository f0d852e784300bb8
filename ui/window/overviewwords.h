// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/condition.h"
#include "ui/widgets/stackbar.h"

/// What the overview says of a snapshot: pure functions.
namespace cring::ui::overview {

/// A number, what it means, its parts, and what else there is to say.
struct Figure
{
    QString figure;
    QString meaning;
    QList<StackBar::Part> parts;
    QString words;
};

Figure copies(const control::Snapshot &snapshot);
Figure backup(const control::Snapshot &snapshot);
/// What follows from the first cause, then the other causes.
QString detail(const models::Condition &condition, const control::Snapshot &snapshot);
/// Where clients are to be pointed, and what they do now.
QString clients(const control::Snapshot &snapshot);

} // namespace cring::ui::overview
