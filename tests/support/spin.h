// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/waiter.h"

namespace cring::test {

/// Runs the event loop until done() is true or the limit (milliseconds) has passed, and returns whether it
/// is. Unlike QTest::qWaitFor it sleeps in the loop, not beside it, so that product code in this process runs
/// at full speed.
bool spinUntil(const std::function<bool()> &done, int limit);

/// For the playground's classes: product code in the test's own process goes on while they wait.
playground::Waiter spinningWaiter();

} // namespace cring::test
