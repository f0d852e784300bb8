// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
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

/// The text without anything that looks like a bearer token, a JWT or a secret query value (P10).
QString redacted(const QString &text);

/// The text on one line that steers no terminal: control and format characters, line breaks among them, as
/// \xNN or \uNNNN. For what a server or client has said.
QString oneLine(const QString &text);

} // namespace cring::log
