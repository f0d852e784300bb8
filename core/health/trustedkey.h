// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/token.h"

namespace cring::health {

/// What one server signs its tokens with, read from /v1/public/jwks and /.well-known/openid-configuration.
/// The issuer is empty until it has been read.
using TrustedKey = charm::VerificationKey;

/// The keys that tokens are checked against: one entry for each distinct (kid, key, issuer).
using KeySet = QList<TrustedKey>;

} // namespace cring::health
