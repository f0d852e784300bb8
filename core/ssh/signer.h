// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/serverkey.h"

namespace cring::ssh {

/// The Charm servers' key, and the issuer that their tokens name.
struct Signer
{
    charm::ServerKey key;
    QByteArray issuer;
};

} // namespace cring::ssh
