// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace cring::service {

/// Tells the service manager where we stand (sd_notify(3)); does nothing when there is none or it was built
/// without.
void notifyReady(const QString &status);
void notifyReloading();
void notifyStopping();

} // namespace cring::service
