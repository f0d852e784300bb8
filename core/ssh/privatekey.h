// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/base/secret.h"

#include <QByteArray>

namespace cring::ssh {

/// What may be told of a private key.
struct PublicHalf
{
    QByteArray text;     ///< "ssh-ed25519 AAAA…", as it stands in .pub files and in Charm's databases.
    QString fingerprint; ///< "SHA256:…", as ssh-keygen(1) prints it.
};

/// Of a private key in OpenSSH's format or PEM, as the charm client takes it. KeyUnusable: no key, or one
/// with a passphrase, which nobody is there to type; the text follows the key's name. Some tenths of a
/// millisecond; any thread.
Result<PublicHalf> publicHalf(const Secret &privateKey);

} // namespace cring::ssh
