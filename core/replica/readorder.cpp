// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/readorder.h"

#include <algorithm>

namespace cring::replica {

/// Those that hold the recorded version first, then owners, then the others; of these those with least under
/// way; whoever is down comes last, and after them copies in doubt, where their bytes can be told from others
/// by the record's digest. The spool stands between those that are known to hold it and can be used, and the
/// others.
ReadOrder readOrder(const Environment &environment, const ObjectKey &key, const std::optional<Record> &record)
{
    ReadOrder order;
    const QList<health::Backend *> placement = environment.placement(key);
    const int owners = environment.config.effectiveReplicas();
    struct Ranked
    {
        health::Backend *backend;
        bool usable;
        int rank;
        int load;
        quint64 chance;
    };
    std::vector<Ranked> ranked;
    QList<health::Backend *> doubtful;
    for (qsizetype i = 0; i < placement.size(); ++i) {
        health::Backend *backend = placement[i];
        const CopyState copy = environment.catalogue.copyState(key, backend->id());
        const bool unsure = copy == CopyState::InDoubt ||
                            (copy == CopyState::Stale && environment.catalogue.mayHold(key, backend->id()));
        if (unsure && record && !record->digest.isEmpty() && backend->usable() &&
            !environment.lanes.isBusy(backend->id(), key)) {
            doubtful << backend;
            continue;
        }
        if (copy != CopyState::Unknown || backend->state() == health::Backend::State::Misconfigured) {
            order.reasons << backend->name() + u' ' +
                                 (copy == CopyState::Unknown
                                      ? backend->unusableReason()
                                      : QStringLiteral("has not got the last version"));
            continue;
        }
        // One that is to be looked into: not before all others.
        if (record && !record->digest.isEmpty() && environment.catalogue.isSuspect(key, backend->id())) {
            doubtful << backend;
            continue;
        }
        const int rank = environment.catalogue.holds(key, backend->id()) ? 0 : i < owners ? 1 : 2;
        // Where nobody knows which version holds, everybody reads the same one.
        ranked.push_back({backend, backend->usable(), rank, record ? backend->outstanding() : 0,
                          record ? environment.random.next() : static_cast<quint64>(i)});
    }
    std::sort(ranked.begin(), ranked.end(), [](const Ranked &a, const Ranked &b) {
        return std::tuple(!a.usable, a.rank, a.load, a.chance) <
               std::tuple(!b.usable, b.rank, b.load, b.chance);
    });
    bool spooled = record && environment.spool.holds(key, record->digest);
    for (const Ranked &candidate : ranked) {
        if (spooled && (!candidate.usable || candidate.rank > 0)) {
            order.servers << nullptr;
            spooled = false;
        }
        order.servers << candidate.backend;
    }
    if (spooled)
        order.servers << nullptr;
    order.servers += doubtful;
    return order;
}

} // namespace cring::replica
