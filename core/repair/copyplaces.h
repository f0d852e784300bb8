// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/environment.h"

namespace cring::repair {

/// Where one file's good copies are, against where they should be.
struct CopyPlaces
{
    QList<health::Backend *> owners;
    QList<health::Backend *> lacking; ///< Owners without one.
    QList<health::Backend *> extras;  ///< Servers with one that are no owners.

    qsizetype good() const { return owners.size() - lacking.size() + extras.size(); }
};

/// `holders`: ids of the servers that the catalogue says have the file. One that is not trusted, or is not in
/// the ring, has none.
CopyPlaces placesOf(const replica::Environment &environment, const replica::ObjectKey &key,
                    const QList<QString> &holders);

} // namespace cring::repair
