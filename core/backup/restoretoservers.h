// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/restoretask.h"
#include "core/backup/target.h"

namespace cring::backup {

/// Brings files back to the servers, by the write path that clients' uploads take: a quorum has each before
/// it counts as brought. What the bucket has got from the ring in the version that holds is left alone. What
/// stands there now is not touched before all of what comes has been read and found right; a folder that
/// stands where a file was is left, for what is in it.
class RestoreToServers final : public IRestoreDestination
{
public:
    /// All of them outlive it. `writes`: parent of writes that were begun, which go on when it ends.
    RestoreToServers(Target &target, state::BucketLedger &ledger, replica::Environment &environment,
                     replica::ITokenSource &tokens, QObject &writes);

    std::unique_ptr<RestoreTask> task(const RestoreItem &item) override;

private:
    Target &m_target;
    state::BucketLedger &m_ledger;
    replica::Environment &m_environment;
    replica::ITokenSource &m_tokens;
    QObject &m_writes;
};

} // namespace cring::backup
