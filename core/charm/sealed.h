// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/base/secret.h"

#include <QByteArrayView>

namespace cring::charm {

/// Opens what the charm client has sealed to a person's public key (muesli/sasquatch, a relative of age): the
/// keys that names and contents of files are encrypted with. docs/charm-protocol.md has the format.
///
/// `privateKey` is the text of an OpenSSH private key, of the kind Ed25519, without a passphrase.
/// KeyUnusable, whose text follows the key's name, when it cannot be used or the text is sealed to another
/// key; nothing of what is secret is in it. Some tenths of a millisecond; any thread.
Result<Secret> openSealed(QByteArrayView sealed, QByteArrayView privateKey);

} // namespace cring::charm
