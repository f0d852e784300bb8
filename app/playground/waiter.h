// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QProcess>

#include <chrono>
#include <functional>

namespace cring::playground {

using std::chrono::milliseconds;

/// Waits until done() is true or the limit has passed, and returns whether it is true. The process is the one
/// that is waited for: a blocking waiter sleeps on it, a test spins its event loop so that servers in its own
/// process go on.
using Waiter = std::function<bool(QProcess &process, const std::function<bool()> &done, milliseconds limit)>;

/// Blocks without an event loop, in slices of 20 ms. Gives up early once interrupted() is true (Ctrl-C).
Waiter blockingWaiter(std::function<bool()> interrupted = {});

} // namespace cring::playground
