// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace cring::test {

/// The files of somebody who keeps notes, photos and papers, the same each time, for pictures that have
/// something to show. False when they cannot be written.
bool writeHousehold(const QString &folder);

inline constexpr int householdFiles = 57;

/// Some text, for one more version of a file.
bool writeText(const QString &path, int lines);

} // namespace cring::test
