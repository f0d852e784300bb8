// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace cring::config {

/// charmedring.toml(5), the manual page of the configuration file, from the tables that the sample file and
/// the reference page are made from.
QString manualPage(const QString &version);

} // namespace cring::config
