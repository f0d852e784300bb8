// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/ssh/uniquefd.h"

#include <chrono>
#include <stop_token>

namespace cring {
class IClock;
} // namespace cring

namespace cring::accounts {

/// A TCP connection to a host by name or address, from a thread that may block: its addresses are tried one
/// after the other within the limit. BackendUnreachable, BackendTimeout, JobEnded; the text follows the
/// host's name. The socket blocks.
Result<ssh::UniqueFd> dialHost(const QString &host, quint16 port, std::chrono::milliseconds limit,
                               const IClock &clock, const std::stop_token &stop);

} // namespace cring::accounts
