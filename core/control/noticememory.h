// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/notices.h"

#include <QJsonObject>

namespace cring::control {

/// What has been told, as it outlives the process: with wall times. `steadyAhead`: the steady clock minus the
/// wall clock, now.
QJsonObject toJson(const Told &told, std::chrono::milliseconds steadyAhead);
/// Back, in the steady times of now; none of them is in the future. Bears anything.
Told toldFromJson(const QJsonObject &object, std::chrono::milliseconds steadyAhead,
                  std::chrono::milliseconds steadyNow);

} // namespace cring::control
