// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/restoreaside.h"
#include "core/backup/restoretask.h"
#include "core/backup/target.h"
#include "core/state/conflicts.h"

namespace cring::backup {

/// Brings files back to the servers, by the write path that clients' uploads take: a quorum has each before
/// it counts as brought. What the bucket has got from the ring in the version that holds is left alone, and
/// what clients have written since the restore began. What stands there now is not touched before all of what
/// comes has been read and found right; where it has to be deleted first, what comes is kept aside as a
/// version until it holds. A folder that stands where a file was is left, for what is in it.
class RestoreToServers final : public IRestoreDestination
{
public:
    /// Makes a version that is kept aside the one that holds.
    using Choose =
        std::function<void(quint64 id, QObject *context, std::function<void(const Status &)> done)>;
    /// All of it outlives this.
    struct Means
    {
        Target &target;
        state::BucketLedger &ledger;
        replica::Environment &environment;
        replica::ITokenSource &tokens;
        state::Conflicts &conflicts;
        Choose choose;
        QObject &writes; ///< Parent of writes that were begun, which go on when it ends.
    };

    explicit RestoreToServers(Means means);

    quint64 begin() override;
    std::unique_ptr<RestoreTask> task(const RestoreItem &item, quint64 since) override;
    QList<RestoreItem> unfinished() override;

private:
    const Means m_means;
    const std::shared_ptr<const void> m_use;
    RestoreAside m_aside;
};

} // namespace cring::backup
