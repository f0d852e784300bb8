// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/snapshot.h"

namespace cring::test {

/// 2026-01-01T00:00:00Z
inline constexpr qint64 sampleMs = 1'767'225'600'000;

inline control::BackendStatus upServer(const QString &name)
{
    control::BackendStatus backend;
    backend.name = backend.id = name;
    backend.url = QStringLiteral("http://%1:35354").arg(name);
    backend.state = QStringLiteral("up");
    backend.breaker = QStringLiteral("closed");
    backend.membership = QStringLiteral("member");
    backend.sinceMs = sampleMs;
    backend.latencyMs = 2;
    return backend;
}

/// Three servers, each file on each of them, and an hour since they came up.
inline control::Snapshot wellSnapshot()
{
    control::Snapshot snapshot;
    snapshot.replicas = 3;
    snapshot.quorum = 2;
    snapshot.writesPossible = true;
    snapshot.takenMs = sampleMs + 3'600'000;
    for (const char *name : {"charm1", "charm2", "charm3"})
        snapshot.backends.append(upServer(QString::fromLatin1(name)));
    snapshot.copies = {0, 0, 0, 1284};
    return snapshot;
}

inline void takeDown(control::Snapshot &snapshot, int server, qint64 forMs)
{
    snapshot.backends[server].state = QStringLiteral("down");
    snapshot.backends[server].reason = QStringLiteral("refused the connection");
    snapshot.backends[server].sinceMs = snapshot.takenMs - forMs;
    snapshot.health = control::Health::Degraded;
}

inline control::BackupStatus idleBackup(const QString &name)
{
    control::BackupStatus backup;
    backup.name = backup.id = backup.bucket = name;
    backup.state = QStringLiteral("idle");
    backup.versioning = QStringLiteral("enabled");
    return backup;
}

} // namespace cring::test
