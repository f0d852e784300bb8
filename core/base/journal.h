// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QList>

namespace cring::journal {

/// What stderr is at this moment, says JOURNAL_STREAM of systemd.exec(5): it is passed on to programs whose
/// stderr is something else.
bool isStderr();

/// Sends an entry with the fields ("NAME=value") to systemd's journal (sd_journal_sendv(3)). False when it
/// did not take it, or this was built without libsystemd. Any thread.
bool send(const QList<QByteArray> &fields);

} // namespace cring::journal
