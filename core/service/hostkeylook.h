// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/service/backendtest.h"

namespace cring {
class Workers;
} // namespace cring

namespace cring::service {

/// Looks at a server's SSH host key: a key exchange, and no login. The workers outlive it and its contexts.
BackendTest::HostKey hostKeyLook(Workers &workers, const config::Server &server,
                                 const config::Timing &timing);

} // namespace cring::service
