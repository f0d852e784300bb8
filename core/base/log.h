// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QLoggingCategory>
#include <QString>

namespace cring::log {

/// Least severe message that is written; anything below is dropped before it is formatted.
enum class Level { Debug, Info, Warning, Error };

/// Writes Qt's messages to stderr, one line each: time, level, category, text with secrets redacted and
/// control characters escaped. Under systemd (JOURNAL_STREAM) the time is left out and a <priority> prefix is
/// written instead. Call once, before the first message. Thread-safe afterwards.
void install(Level level);
/// From now on.
void setLevel(Level level);
/// "debug", "info", "warning", "error"; Info for anything else.
Level levelOf(const QString &word);

/// A log file of a service that nobody else keeps the log of, by default.
inline constexpr qint64 largestFile = 5 * 1024 * 1024;

/// From now on what this process writes to stdout and stderr is added to that file, which its owner alone may
/// read; its folder is there. When it has `largest` bytes it is kept as PATH.1, in the place of the one
/// before, and another is begun. After install(). Error: ConfigBadValue.
Status toFile(const QString &path, qint64 largest = largestFile);

/// The text without anything that looks like a bearer token, a JWT or a secret query value (P10).
QString redacted(const QString &text);

/// The text on one line that steers no terminal: control and format characters, line breaks among them, as
/// \xNN or \uNNNN. For what a server or client has said.
QString oneLine(const QString &text);

} // namespace cring::log
