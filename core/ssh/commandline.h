// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QList>

namespace cring::ssh {

/// The words of an SSH command as a Charm server reads them (github.com/anmitsu/go-shlex, in its POSIX
/// manner): quotes and backslashes as in a shell, empty words are dropped, and a quote that is never closed
/// ends with the text.
QList<QByteArray> splitCommand(QByteArrayView text);

} // namespace cring::ssh
