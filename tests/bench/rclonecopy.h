// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/s3server.h"

namespace cring::bench {

/// Runs `rclone VERB ARGUMENTS… bench:TARGET` against that server, to its end, and gives the seconds that it
/// took; 0 when it failed, which it says on standard error itself. `rclone` as S3Server::program() finds it.
double rcloneSeconds(const test::S3Server &server, const QStringList &arguments, const QString &target);

} // namespace cring::bench
