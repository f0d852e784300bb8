// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/config/problem.h"

#include <QStringList>

namespace cring::config {

/// What the settings mean together: at least two servers, none twice, none that is this service itself, TLS
/// files in pairs and readable, key files for their owner alone, addresses that differ. Looks at the file
/// system, opens nothing else. Problems have no place; key says which setting.
QList<Problem> validate(const Config &config);

/// What is allowed but worth saying before the service starts.
QStringList warnings(const Config &config);

} // namespace cring::config
