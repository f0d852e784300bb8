// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace cring::app {

/// What `cring` ends with; scripts rely on the numbers, so they never change.
enum ExitCode {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    PartlyDone = 3,
    BadConfiguration = 4,
    NoService = 5,
    DoneWithFindings = 6,
    NoQuorum = 7,
    NotFound = 10,
    BadCredentials = 12,
    Interrupted = 130,
};

} // namespace cring::app
