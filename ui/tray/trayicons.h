// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/condition.h"

#include <QIcon>

namespace cring::ui {

/// The icon of a tray state, in ink for a light or a dark panel, at the sizes that panels have.
QIcon trayIcon(models::TrayState state, bool darkPanel);

} // namespace cring::ui
