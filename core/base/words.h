// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

#include <chrono>

namespace cring::words {

/// "12 s", "6 min", "3 h", "4 d": one unit, rounded down; for ages and outages. Negative counts as 0.
QString duration(std::chrono::milliseconds time);

/// "17 B", "1.2 KiB", "340 MiB": three significant digits.
QString bytes(qint64 count);

/// "1 file", "3 files": with an "s", unless `many` says otherwise.
QString counted(qint64 count, const char *one, const char *many = nullptr);

/// "charm1", "charm1 and charm2", "charm1, charm2 and charm3".
QString enumeration(const QStringList &names);

} // namespace cring::words
