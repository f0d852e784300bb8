// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/service/backendtest.h"

namespace cring::health {
class Backend;
class Monitor;
} // namespace cring::health

namespace cring::service {

/// A probe for BackendTest that is the monitor's own: what the test says is what the ring acts on. Both must
/// outlive the test.
BackendTest::Probe monitorProbe(health::Monitor &monitor, health::Backend &backend);

} // namespace cring::service
