// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/environment.h"
#include "core/state/bucketledger.h"

namespace cring::repair {

/// Decides how long a body stays in the spool: until every owner of its path, and every bucket,
/// holds the version, or the
/// version does not hold any more (overwritten, deleted, or of an upload that came to nothing). One that a
/// quorum of servers holds gives way when the budget is needed; one that fewer hold never does. What is to go
/// is forgotten on the disk only after the facts that it follows from are in the database. One thread.
class SpoolKeeping final : public QObject
{
    Q_OBJECT

public:
    SpoolKeeping(state::Spool &spool, const state::Catalogue &catalogue, const state::Intents &intents,
                 const state::BucketLedger &buckets, state::Database &database, QObject *parent = nullptr);
    ~SpoolKeeping() override;

    /// Before the event loop runs, and with every new configuration, which must live until the next one
    /// comes.
    void setEnvironment(const replica::Environment &environment);

private:
    enum class Need {
        Witness, ///< Fewer servers than a quorum hold it.
        Spare,   ///< A quorum does, but not every owner, or not every bucket.
        None,
    };

    Need needOf(const state::Spool::Body &body) const;
    void look();
    void remove(quint64 id);
    void makeRoom();

    state::Spool &m_spool;
    const state::Catalogue &m_catalogue;
    const state::Intents &m_intents;
    const state::BucketLedger &m_buckets;
    state::Database &m_database;
    const replica::Environment *m_environment = nullptr;
    QTimer m_timer;
    quint64 m_cursor = 0;          ///< The last body that was looked at.
    std::optional<quint64> m_seen; ///< The catalogue, when the walk that ended last began.
    quint64 m_walked = 0;          ///< The same of the walk under way.
    bool m_busy = false;           ///< Somebody works on a path of this walk.
    QSet<quint64> m_going;         ///< Wait for the database.
};

} // namespace cring::repair
