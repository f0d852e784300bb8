// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/listing.h"
#include "core/health/backendset.h"

namespace cring::repair {

/// By which a server's clock may differ from what is known of it.
inline constexpr std::chrono::milliseconds kClockError{2'000};

/// When a server says that something was written, by the ring's clock: since 1970, UTC; 0: not known.
inline std::chrono::milliseconds byOurClock(const health::Backend &server, std::chrono::milliseconds modified)
{
    if (modified.count() <= 0)
        return std::chrono::milliseconds(0);
    return modified - server.health().clockSkew.value_or(std::chrono::milliseconds(0));
}

} // namespace cring::repair
