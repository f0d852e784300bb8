// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/base/secret.h"

namespace cring::config {

/// Longest file that can be a private key, in bytes. An Ed25519 key in OpenSSH's format has about 400, an RSA
/// key of 16,384 bits about 13,000.
inline constexpr qsizetype kLongestSecret = 32 * 1024;

/// Reads a file that holds a secret, whole. Blocks for one small file; any thread. Nobody but the owner may
/// have any right to it, as ssh(1) has it. The errors name the file, never what is in it:
/// SecretMissing (not there), SecretUnreadable (no permission, no file, empty, too long), SecretTooOpen.
Result<Secret> readSecretFile(const QString &path);

/// Reads what a setting points at: "file:PATH", or "credential:NAME" for a file of that name in the directory
/// that systemd hands to the service ($CREDENTIALS_DIRECTORY, systemd.exec(5)); `credentials` "" when there
/// is none. Errors as above, and ConfigBadValue for anything else.
Result<Secret> readSecret(const QString &place, const QString &credentials);

enum class Existing { Kept, Replaced };

/// Writes a secret into a file of mode 0600, whole or not at all, and brings it to the disk; folders that are
/// not there are made with 0700. Blocks for one small file; any thread. KeyExists when there is one already
/// and it is to be kept: that is decided by the file system, so it holds against other programs too.
/// SecretUnreadable for an empty or too long secret and whatever the file system refuses; ConfigBadValue
/// without a path.
Status writeSecretFile(const QString &path, QByteArrayView secret, Existing existing);
/// Good when it is not there any more.
Status removeSecretFile(const QString &path);

/// The file behind such a setting; "" for a credential without a directory, and for anything else.
QString secretPath(const QString &place, const QString &credentials);

} // namespace cring::config
