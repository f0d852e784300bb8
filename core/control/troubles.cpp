// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/troubles.h"

#include <algorithm>

namespace cring::control {

using std::chrono::milliseconds;

namespace {

class Search
{
public:
    Search(const Snapshot &snapshot, milliseconds overdueAfter)
        : m_snapshot(snapshot)
        , m_overdueAfter(overdueAfter)
    {
    }

    QList<Trouble> all()
    {
        if (!m_snapshot.writesPossible && !mayStillTurnOutWell())
            add({TroubleKind::WritesRefused, Topic::WritesRefused, {}});
        for (qsizetype i = 0; i < m_snapshot.backends.size(); ++i)
            lookAtServer(i);
        for (qsizetype i = 0; i < m_snapshot.backups.size(); ++i)
            lookAtBackup(i);
        lookAtRest();
        return std::move(m_troubles);
    }

private:
    void add(const Trouble &trouble) { m_troubles.append(trouble); }

    /// A service that has just started refuses uploads until it has seen a quorum of its servers.
    bool mayStillTurnOutWell() const
    {
        return isFirstLook(m_snapshot) && !m_snapshot.draining && m_snapshot.recordsProblem.isEmpty() &&
               usableServers(m_snapshot) >= std::max(1, m_snapshot.quorum);
    }

    void lookAtServer(qsizetype place)
    {
        const BackendStatus &server = m_snapshot.backends.at(place);
        if (!isUsable(server))
            add({TroubleKind::ServerUnusable, Topic::Degraded, server.name, place});
        else if (server.unknownAccounts > 0)
            add({TroubleKind::AccountsUnknown, Topic::Degraded, server.name, place, server.unknownAccounts});
    }

    void lookAtBackup(qsizetype place)
    {
        const BackupStatus &backup = m_snapshot.backups.at(place);
        const QString about = Trouble::aboutBackup + backup.id;
        const milliseconds waits(m_snapshot.takenMs - backup.oldestMs.value_or(m_snapshot.takenMs));
        const milliseconds lasts(m_snapshot.takenMs - backup.reasonSinceMs.value_or(m_snapshot.takenMs));
        const bool isLocked = backup.state == QStringLiteral("locked");
        if (isLocked)
            add({TroubleKind::BackupLocked, Topic::KeychainLocked, about, place});
        if (waits >= m_overdueAfter)
            add({TroubleKind::BackupOverdue, Topic::BackupOverdue, about, place, 0, waits});
        if (backup.heldDeletes > 0)
            add({TroubleKind::DeletesHeld, Topic::Degraded, about, place, backup.heldDeletes});
        if (!isLocked && !backup.reason.isEmpty() && lasts >= backupPatience)
            add({TroubleKind::BackupStuck, Topic::Degraded, about, place, 0, lasts});
        if (!backup.objectsProblem.isEmpty() && waits >= backupPatience)
            add({TroubleKind::BackupIncomplete, Topic::Degraded, about, place, 0, waits});
        if (!backup.drill.problem.isEmpty())
            add({TroubleKind::DrillFailed, Topic::Degraded, about + Trouble::aboutDrill, place});
    }

    void lookAtRest()
    {
        if (m_snapshot.findings > 0)
            add({TroubleKind::Findings, Topic::DamageFound, Trouble::aboutFindings, -1, m_snapshot.findings});
        if (const qsizetype clashes = m_snapshot.accounts.clashes.size(); clashes > 0)
            add({TroubleKind::AccountsClash, Topic::Degraded, Trouble::aboutClashes, -1, clashes});
        if (m_troubles.isEmpty() && m_snapshot.health != Health::Well && !isFirstLook(m_snapshot))
            add({TroubleKind::UnknownToThisOne, Topic::Degraded, {}});
    }

    const Snapshot &m_snapshot;
    const milliseconds m_overdueAfter;
    QList<Trouble> m_troubles;
};

} // namespace

bool isUsable(const BackendStatus &backend)
{
    return (backend.state == QStringLiteral("up") || backend.state == QStringLiteral("unknown")) &&
           backend.breaker != QStringLiteral("open");
}

qsizetype usableServers(const Snapshot &snapshot)
{
    return std::ranges::count_if(snapshot.backends, isUsable);
}

bool isFirstLook(const Snapshot &snapshot)
{
    return std::ranges::any_of(
        snapshot.backends, [](const BackendStatus &one) { return one.state == QStringLiteral("unknown"); });
}

QList<Trouble> troublesOf(const Snapshot &snapshot, milliseconds overdueAfter)
{
    return Search(snapshot, overdueAfter).all();
}

} // namespace cring::control
