// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/terminal.h"
#include "core/config/load.h"

#include <functional>

namespace cring::app {

/// "default", "file", "environment" or "flag".
QString originName(config::Origin origin);

/// The settings that hold as a TOML file that says where each value comes from. It has no secrets: the
/// configuration names places of such, and of addresses that may be one only the host is shown. `paint`: for
/// a terminal with colours.
QString effectiveToml(
    const config::Loaded &loaded, const std::function<QString(Tone tone, const QString &text)> &paint =
                                      [](Tone, const QString &text) { return text; });

} // namespace cring::app
