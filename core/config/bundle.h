// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/secretstore.h"

#include <vector>

namespace cring::config {

/// A configuration on its way to another machine, with the secrets that it points at.
struct Bundle
{
    struct Kept
    {
        SecretPlace place;
        Secret secret;
    };

    QByteArray text; ///< The file, whole.
    std::vector<Kept> secrets;
};

/// Where the secrets of a configuration are kept; without those that the charm client or the environment has.
QList<SecretPlace> secretPlaces(const Config &config);

/// The bundle as a text of letters that the passphrase alone opens: Argon2id makes the key, XSalsa20 and
/// Poly1305 seal it (libsodium). Blocking: about a second, and 256 MiB of memory. KeyUnusable for an empty
/// passphrase, and when there is not that much memory.
Result<QByteArray> sealBundle(const Bundle &bundle, const Secret &passphrase);
/// Whether a file is such a text, and not a configuration as it is.
bool isSealedBundle(QByteArrayView text);
/// Blocking, likewise. KeyUnusable: another passphrase, or a text that was changed or cut off.
Result<Bundle> openBundle(QByteArrayView sealed, const Secret &passphrase);

} // namespace cring::config
