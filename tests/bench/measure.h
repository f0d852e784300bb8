// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QtGlobal>

namespace cring::bench {

/// Seconds that a process has spent, in user and kernel mode (proc(5)); in steps of a hundredth.
double cpuSeconds(qint64 processId);

/// The largest resident memory that a process has had, in bytes.
qint64 peakMemory(qint64 processId);
/// What it has now.
qint64 residentMemory(qint64 processId);

} // namespace cring::bench
