// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/verdict.h"

#include "core/base/words.h"

namespace cring::service {

using control::BackendStatus;
using control::Health;
using control::Snapshot;

namespace {

bool isUsable(const BackendStatus &backend)
{
    return (backend.state == QStringLiteral("up") || backend.state == QStringLiteral("unknown")) &&
           backend.breaker != QStringLiteral("open");
}

/// "charm2 down for 6 min", "charm3 misconfigured (its issuer differs)".
QString trouble(const BackendStatus &backend, qint64 nowMs)
{
    if (backend.state == QStringLiteral("misconfigured"))
        return QStringLiteral("%1 misconfigured (%2)").arg(backend.name, backend.reason);
    if (backend.state == QStringLiteral("down")) {
        return QStringLiteral("%1 down for %2")
            .arg(backend.name, words::duration(std::chrono::milliseconds(nowMs - backend.sinceMs)));
    }
    return QStringLiteral("%1 fails requests").arg(backend.name);
}

QString fullVerdict(const Snapshot &snapshot, const QStringList &troubles, qsizetype usable,
                    qsizetype unknown)
{
    const qsizetype all = snapshot.backends.size();
    if (snapshot.draining)
        return QStringLiteral("Stopping: finishing what is under way, taking nothing new");
    if (usable == 0)
        return QStringLiteral("No server can be used: uploads and downloads fail. ") +
               words::enumeration(troubles);
    if (!snapshot.writesPossible) {
        return QStringLiteral("%1 of %2 servers up: uploads fail. ").arg(usable).arg(all) +
               words::enumeration(troubles);
    }
    if (usable < snapshot.quorum)
        return words::enumeration(troubles) +
               QStringLiteral(". Uploads go on, with a copy on this machine's disk");
    if (!troubles.isEmpty())
        return words::enumeration(troubles) + QStringLiteral(". Uploads go on");
    if (unknown > 0)
        return QStringLiteral("Looking at %1 of %2 servers for the first time").arg(unknown).arg(all);
    return QStringLiteral("%1 of %2 servers up; each upload goes to %3")
        .arg(all)
        .arg(all)
        .arg(snapshot.replicas);
}

} // namespace

void judge(Snapshot &snapshot)
{
    QStringList troubles;
    qsizetype unknown = 0;
    for (const BackendStatus &backend : snapshot.backends) {
        if (!isUsable(backend))
            troubles.append(trouble(backend, snapshot.takenMs));
        else if (backend.state == QStringLiteral("unknown"))
            ++unknown;
    }
    const qsizetype usable = snapshot.backends.size() - troubles.size();
    // A local copy stands in for one of several, while there is room for it.
    const bool localCopy =
        snapshot.localCopy && snapshot.quorum > 1 && snapshot.spoolBytes < snapshot.spoolBudget;
    const int needed = localCopy ? snapshot.quorum - 1 : snapshot.quorum;
    snapshot.writesPossible = usable > 0 && usable >= needed && !snapshot.draining;
    if (!snapshot.writesPossible)
        snapshot.health = Health::Refusing;
    else
        snapshot.health = troubles.isEmpty() && unknown == 0 ? Health::Well : Health::Degraded;
    snapshot.verdict = fullVerdict(snapshot, troubles, usable, unknown);
}

} // namespace cring::service
