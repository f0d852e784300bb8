// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/environment.h"

#include <functional>

namespace cring::repair {

/// The version of the path's record; 0: there is none.
quint64 versionOf(const replica::Environment &environment, const replica::ObjectKey &key);

/// The path's lock, behind the clients, for a change that was decided on when the record had `version`.
/// `then` is called once, perhaps at once, unless `context` dies first: with an error when another version
/// was acknowledged meanwhile. `wanted` as in PathLocks::acquireBehind().
void lockVersion(replica::Environment &environment, const replica::ObjectKey &key, quint64 version,
                 QObject *context, std::function<void(Result<replica::PathLocks::Lease>)> then,
                 std::function<void()> wanted = {});

/// DELETEs what the server has at the path, whose lock the caller holds. `done` is called as
/// ServerChange::send() says: with the answer's status (0: there was none), and, unless that is 200, with the
/// problem in words, to follow the server's name.
void deleteCopy(replica::Environment &environment, health::Backend &target, const replica::ObjectKey &key,
                const replica::Credentials &credentials, QObject *context,
                std::function<void(int status, const QString &problem)> done);

} // namespace cring::repair
