// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/service/backendtest.h"

namespace cring::health {
class Backend;
class Monitor;
} // namespace cring::health

namespace cring::service {

/// A probe for BackendTest that is the monitor's own: what the test says is what the ring acts on. Both must
/// live as long as `use` does, which the probe keeps.
BackendTest::Probe monitorProbe(health::Monitor &monitor, health::Backend &backend,
                                std::shared_ptr<const void> use);

} // namespace cring::service
