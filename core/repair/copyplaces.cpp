// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/copyplaces.h"

namespace cring::repair {

CopyPlaces placesOf(const replica::Environment &environment, const replica::ObjectKey &key,
                    const QList<QString> &holders)
{
    CopyPlaces places;
    const QList<health::Backend *> placement = environment.placement(key);
    const int replicas = environment.config.effectiveReplicas();
    for (qsizetype i = 0; i < placement.size(); ++i) {
        health::Backend *backend = placement[i];
        const bool good = holders.contains(backend->id()) && environment.catalogue.trusts(backend->id());
        if (i < replicas)
            places.owners << backend;
        if (i < replicas && !good)
            places.lacking << backend;
        else if (i >= replicas && good)
            places.extras << backend;
    }
    return places;
}

} // namespace cring::repair
