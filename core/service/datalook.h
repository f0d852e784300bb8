// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/sshaccess.h"
#include "core/service/backendtest.h"

namespace cring {
class Workers;
} // namespace cring

namespace cring::service {

inline constexpr std::chrono::milliseconds kDataTime{20'000};

/// Looks whether the data directory that the configuration names (server.data) can be worked with, and is
/// this server's. Changes nothing there. Bounded by `time`, and called off with its context; an empty
/// function for a server without `data`. The workers and the clock outlive it and its contexts. A folder of
/// this machine has a thread of its own, which is left behind when it hangs: the workers would wait for it at
/// the end.
BackendTest::DataLook dataLook(Workers &workers, const config::Server &server, accounts::SshAccess access,
                               const IClock &clock, std::chrono::milliseconds time = kDataTime);

} // namespace cring::service
