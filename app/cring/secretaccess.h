// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/secret.h"
#include "core/config/secretstore.h"

namespace cring::app {

/// For commands that have nothing else to do meanwhile: each runs the program's event loop until the place,
/// the keychain for instance, has answered. The errors of config::ISecretStore.
Result<Secret> readSecret(const config::SecretPlace &place);
Status storeSecret(const config::SecretPlace &place, Secret secret);
Status removeSecret(const config::SecretPlace &place);

/// A passphrase: from standard input, its first line, or asked for on the terminal, where it is not shown;
/// `twice` when a mistake would cost something. SecretUnreadable.
Result<Secret> readPassphrase(bool fromInput, bool twice);

} // namespace cring::app
