// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>

namespace cring::ssh {

/// The one key of a .pub or authorized_keys file as Charm stores it: "ssh-ed25519 AAAA…", without the comment
/// (server/ssh.go:157). Empty lines and lines of comment are passed over. KeyUnusable for anything else, with
/// words that follow "what was given": several keys, options, a private key, a kind that a charm client
/// cannot unseal its files' keys with (it takes Ed25519 and RSA), or a damaged key. Any thread.
Result<QByteArray> publicKeyText(const QByteArray &file);

} // namespace cring::ssh
