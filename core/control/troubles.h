// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/notices.h"
#include "core/control/snapshot.h"

namespace cring::control {

enum class TroubleKind {
    WritesRefused,    ///< Nothing more is said: why, the snapshot tells.
    ServerUnusable,   ///< Down, misconfigured, or failing what it is asked.
    AccountsUnknown,  ///< A server lacks `count` accounts.
    BackupLocked,     ///< A bucket waits for keys.
    BackupOverdue,    ///< A change has waited for a bucket for `lasts`.
    DeletesHeld,      ///< `count` deletes wait for a person.
    BackupStuck,      ///< Nothing is stored in a bucket for `lasts`.
    BackupIncomplete, ///< Single objects are not.
    DrillFailed,      ///< The last restore drill of a bucket did not bring all back.
    Findings,         ///< `count` of them wait for a person.
    AccountsClash,    ///< `count` clashes wait for a person.
    UnknownToThisOne, ///< A newer service knows what; the verdict says it.
};

/// Something that is wrong, without words: whoever shows it finds its own.
struct Trouble
{
    TroubleKind kind = TroubleKind::WritesRefused;
    Topic topic = Topic::WritesRefused;
    QString about;        ///< See Matter::about.
    qsizetype place = -1; ///< Of the server or the bucket in the snapshot's lists; -1: of neither.
    qint64 count = 0;
    std::chrono::milliseconds lasts{0};

    static constexpr QLatin1String aboutFindings{"findings"};
    static constexpr QLatin1String aboutClashes{"clashes"}; ///< Of accounts.
    static constexpr QLatin1String aboutBackup{"backup "};  ///< And the id of one.
    static constexpr QLatin1String aboutDrill{" drill"};    ///< Behind that.

    Matter matter() const { return {topic, about}; }
};

/// A bucket's trouble is worth a word when it lasts.
inline constexpr std::chrono::minutes backupPatience{5};
/// When a bucket that lacks a change is overdue, unless a person says otherwise.
inline constexpr std::chrono::hours overdueByDefault{24};

/// Requests can go to it: neither down nor misconfigured, and its breaker not open. One that was not probed
/// yet can be used.
bool isUsable(const BackendStatus &backend);
qsizetype usableServers(const Snapshot &snapshot);

/// Some server was never probed: nothing is wrong before it has been looked at.
bool isFirstLook(const Snapshot &snapshot);

/// All that is wrong. A pure function: ages are taken against the snapshot's own time.
QList<Trouble> troublesOf(const Snapshot &snapshot, std::chrono::milliseconds overdueAfter);

} // namespace cring::control
