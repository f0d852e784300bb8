// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/catalogue.h"

namespace cring::repair {

/// A delete of that version is carried out nowhere yet, and a mode that was recorded with it given to no
/// file: what was stored after it may have lost its record to a power cut.
inline bool isHeldBack(const state::Catalogue &catalogue, quint64 version)
{
    return version <= catalogue.powerCutAt();
}

/// What that waits for.
inline QString heldBackReason()
{
    return QStringLiteral("waits until all servers have been gone through after the power cut");
}

} // namespace cring::repair
