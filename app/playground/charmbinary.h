// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

namespace cring::playground {

/// The release that everything is built and tested against.
inline constexpr auto CharmVersion = "v0.12.6";

/// The charm program: $CRING_CHARM, else $GOBIN, $GOPATH/bin, ~/go/bin, the cache of scripts/, PATH. The
/// error says how to install it.
Result<QString> findCharm();

/// A path under which the unprivileged user of the servers can run the program too: the same one, or a copy
/// in folder when a directory above it is closed to others (root's home is). folder must exist.
Result<QString> runnableByAll(const QString &program, const QString &folder);

} // namespace cring::playground
