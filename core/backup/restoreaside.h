// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/bucketledger.h"

#include <QMap>

namespace cring::backup {

/// Which versions a restore has kept aside, because what stands in their place has to be deleted first.
/// Written down before the delete goes out: a service that is killed after it finds here what it still has to
/// bring, when neither the servers nor the bucket have it. One thread; the ledger outlives it.
class RestoreAside final
{
public:
    RestoreAside(state::BucketLedger &ledger, state::BucketLedger::Bucket bucket);

    /// `id`: of the version among the conflicts. On the disk before any intent that is opened afterwards.
    void note(const state::ObjectKey &key, quint64 id);
    /// It holds again, or somebody has been told that it does not.
    void drop(const state::ObjectKey &key);
    void clear();
    const QMap<state::ObjectKey, quint64> &all() const { return m_ids; }

private:
    void save();

    state::BucketLedger &m_ledger;
    const state::BucketLedger::Bucket m_bucket;
    QMap<state::ObjectKey, quint64> m_ids;
};

} // namespace cring::backup
