// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/environment.h"

namespace cring::replica {

struct ReadOrder
{
    QList<health::Backend *> servers; ///< Null stands for the spool.
    QStringList reasons;              ///< Why not the others, with their names.
};

/// Whom to ask for a file, best first.
ReadOrder readOrder(const Environment &environment, const ObjectKey &key,
                    const std::optional<Record> &record);

} // namespace cring::replica
