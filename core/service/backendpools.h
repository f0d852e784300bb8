// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/health/backendset.h"

namespace cring::service {

/// Connections to the configured servers, with the authorities that the configuration trusts. `config`
/// outlives what is made of it.
health::BackendSet::PoolMaker poolMaker(const config::Config &config);

} // namespace cring::service
