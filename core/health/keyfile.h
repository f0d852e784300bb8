// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/config/config.h"
#include "core/health/trustedkey.h"

#include <QHash>

#include <optional>

/// What the servers signed with when they were last seen, on disk, so that tokens can be checked before the
/// first probe. Only public keys; but whoever can write the file decides whom the ring trusts, hence mode
/// 0600.
namespace cring::health::keyfile {

/// By server id. Leaves out servers that are not configured or have another URL now. A file that is absent or
/// cannot be understood is an empty one: it is only a cache.
QHash<QString, TrustedKey> read(const QString &path, const QList<config::Server> &servers);

/// The one that all servers in the file had, whether they are configured or not; none where two differ.
std::optional<TrustedKey> readLast(const QString &path);

/// In the state directory.
QString pathIn(const QString &stateDirectory);

/// What a recovery has put there (writeRecovered()): the servers' key and issuer of before, while no server
/// has said which it has now. write() drops it.
std::optional<TrustedKey> readRecovered(const QString &path);
Status writeRecovered(const QString &path, const TrustedKey &key);

/// Atomically; blocks for an fsync, which is rare: keys change when a person changes them.
Status write(const QString &path, const QList<config::Server> &servers,
             const QHash<QString, TrustedKey> &keys);

} // namespace cring::health::keyfile
