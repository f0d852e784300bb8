// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ssh/login.h"

#include <functional>

namespace cring::ssh {

/// The part of a Login that libssh does, on a worker's thread. Waits without limit: whoever keeps the time
/// asks it to stop.
struct LoginRun
{
    UniqueFd socket; ///< Connected.
    Login::Request request;
    std::stop_token stop;
    std::function<void(Login::Step)> entered; ///< Called on the worker's thread.

    /// Once. The errors of Login, whose text follows the server's name.
    Result<Login::Answer> operator()();
};

} // namespace cring::ssh
