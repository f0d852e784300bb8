// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/health/backendset.h"
#include "core/health/primary.h"
#include "core/http/exchange.h"
#include "core/replica/copyledger.h"
#include "core/replica/lanes.h"
#include "core/replica/pathlocks.h"
#include "core/replica/readers.h"
#include "core/ring/ring.h"
#include "core/telemetry/activitylog.h"
#include "core/telemetry/counters.h"

namespace cring::replica {

class Folders;

/// A client's token and whose it is; kept in memory only, until it expires.
struct Credentials
{
    QByteArray account;       ///< The charm id.
    QByteArray authorization; ///< The Authorization header's value.
    qint64 expires = 0;       ///< Unix time, s.
};

/// Takes over copies that are not what they should be. What it cannot do now it does when it can.
class IMending
{
public:
    virtual ~IMending() = default;
    /// The server's copy of `key` is marked in the ledger, or has turned out not to be what is recorded.
    /// `credentials` may serve to mend it until they expire.
    virtual void mend(const ObjectKey &key, const QString &backend, const Credentials &credentials) = 0;
    /// It has been told of that copy, and has not come to an end with it.
    virtual bool awaits(const ObjectKey &key, const QString &backend) const = 0;
};

/// What everything in this folder works with; made by the service, which outlives them all.
struct Environment
{
    const config::Config &config;
    health::BackendSet &backends;
    health::Primary &primary;
    const ring::Ring &ring;
    PathLocks &locks;
    Lanes &lanes;
    Readers &readers;
    ICopyLedger &ledger;
    Folders &folders;
    IMending &mending;
    const IClock &clock;
    IRandom &random;
    telemetry::ActivityLog &activity;
    telemetry::Counters &counters;
    /// Whoever may outlive the client's request that it works for keeps a copy: a configuration that was
    /// replaced lives on while somebody does.
    std::shared_ptr<const void> use;

    /// Every server, the owners of the key first, in the order in which they stand in for one another.
    QList<health::Backend *> placement(const ObjectKey &key) const;
    /// The first of these, as many as a file has copies.
    QList<health::Backend *> owners(const ObjectKey &key) const
    {
        return placement(key).first(config.effectiveReplicas());
    }
    /// How many servers must agree on a change that goes to all of them (a delete, a folder), so that every
    /// file's owners have it at a quorum: all but as many as a file's quorum can do without.
    int widespreadQuorum() const
    {
        return static_cast<int>(backends.size()) - config.effectiveReplicas() + config.quorum();
    }
    /// How many servers must say "not there" before that is the ring's answer, without a record of the path.
    int absenceQuorum() const { return static_cast<int>(backends.size()) - config.quorum() + 1; }
};

} // namespace cring::replica
