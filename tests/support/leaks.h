// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace cring::test {

/// What in the files of a folder (and below) must never get there: client tokens, private keys, the S3
/// server's secret key. Each with its file; empty when all is well. The servers' signing key is passed over
/// under its own name: `cring backup recover` makes that file, for the person to take from there.
QStringList leaksIn(const QString &folder);
QStringList leaksInFile(const QString &file);

} // namespace cring::test
