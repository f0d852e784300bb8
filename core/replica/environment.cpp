// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/environment.h"

namespace cring::replica {

QList<health::Backend *> Environment::placement(const ObjectKey &key) const
{
    QList<health::Backend *> order;
    for (const quint16 index : ring.order(ring::Ring::partitionOf(key)))
        order << backends.find(ring.members()[index].id);
    for (health::Backend *backend : backends.all()) {
        if (backend->server().draining)
            order << backend;
    }
    return order;
}

int Environment::absenceQuorum(const QByteArray &account) const
{
    const int all = static_cast<int>(backends.size());
    const bool localCopies = config.countsLocalCopy() || !spool.all().empty();
    return localCopies && !accounts.isImported(account) ? all : all - config.quorum() + 1;
}

} // namespace cring::replica
