// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace cring::state::walfile {

/// Whether a write-ahead log is none, or something was committed to it behind a part that is damaged. SQLite
/// reads a log up to the first frame whose checksum does not fit, and says nothing of what follows. After a
/// power cut that is right; after anything else commits would be lost without a word. An absent or empty log
/// is a good one. Reads the whole file, some megabytes; nobody may write to it meanwhile.
/// The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
bool isDamaged(const QString &path);

} // namespace cring::state::walfile
