// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/servicelink.h"

#include <QMessageBox>

namespace cring::ui {

/// Asks whether the service is to end, and says what stops being protected; accepted() when it is. Not shown
/// yet; deletes itself when it is closed. The safe way is the default.
QMessageBox *makeStopQuestion(const models::SnapshotPtr &snapshot, QWidget *parent);

} // namespace cring::ui
