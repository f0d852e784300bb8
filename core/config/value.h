// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QString>

#include <chrono>
#include <variant>

namespace cring::config {

/// A setting's value as TOML can carry it, before (and after) it is the typed field of Config.
using Value = std::variant<QString, qint64, double, bool>;

/// As a TOML literal: strings in quotes, with what needs it escaped.
QString toToml(const Value &value);
/// As a person would type it: strings without quotes.
QString toPlain(const Value &value);

/// Reads "2s", "1500ms", "10m" or "1h30m". A number without a unit is refused.
Result<std::chrono::milliseconds> parseDuration(const QString &text);
/// In the largest unit that is exact: "1500ms", "2s", "10m".
QString formatDuration(std::chrono::milliseconds duration);

/// Reads an environment variable that switches something: 1, true, yes or on; 0, false, no, off or nothing.
/// In any case of letters.
Result<bool> parseSwitch(const QString &text);

/// Reads "16KiB", "1GiB" or a plain number of bytes.
Result<qint64> parseBytes(const QString &text);
/// In the largest binary unit that is exact: "16KiB", "1GiB", "1000B".
QString formatBytes(qint64 bytes);

} // namespace cring::config
