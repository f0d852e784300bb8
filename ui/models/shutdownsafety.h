// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/servicelink.h"

namespace cring::models {

/// Whether this machine can go down without a file's copies having to wait for it.
struct ShutdownSafety
{
    enum class State {
        Unknown, ///< Nobody says how it stands.
        Safe,    ///< Every file that was acknowledged has its copies.
        Soon,    ///< What is missing is on its way.
        Waiting, ///< What is missing waits for a server or a person: time alone does not help.
    };

    State state = State::Unknown;
    QString words; ///< A sentence for a person, without a full stop at its end.

    bool operator==(const ShutdownSafety &) const = default;
};

/// A pure function. `snapshot` is null while nothing is known.
ShutdownSafety shutdownSafety(const SnapshotPtr &snapshot);

} // namespace cring::models
