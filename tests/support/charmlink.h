// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/charmcluster.h"

namespace cring::test {

/// `charm link` on both machines: the other's key becomes one of the owner's account. Returns when both
/// programs are done, so that neither writes to a server any more. What they showed when that
/// took too long, else "".
QByteArray linkTrouble(CharmClient &owner, CharmClient &other);

} // namespace cring::test
