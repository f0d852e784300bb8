// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QStringList>

namespace cring::accounts {

/// One line for a POSIX shell that runs argv[0] with exactly these arguments, whatever is in them: an SSH
/// server hands a command to the user's login shell (RFC 4254, section 6.5, has no list of arguments).
/// NodeCommand when there is none, or one has a NUL in it, which no program can be given.
Result<QByteArray> shellQuoted(const QStringList &argv);

} // namespace cring::accounts
