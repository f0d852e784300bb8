// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QLoggingCategory>
#include <QString>

namespace cring::log {

/// Least severe message that is written; anything below is dropped before it is formatted.
enum class Level { Debug, Info, Warning, Error };

/// How messages are written. docs/logs.md shows each.
enum class Format {
    Auto, ///< An entry of systemd's journal with its fields where stderr is that; otherwise text.
    Text, ///< A line: time, level, category, text; in the journal without a time, and with a <priority>.
    Json, ///< A line: an object with these and the fields.
};

/// Writes Qt's messages to stderr, secrets redacted and control characters escaped. Call once, before the
/// first message. Thread-safe afterwards.
void install(Level level, Format format = Format::Auto);
/// From now on.
void setLevel(Level level);
/// From now on. Any thread.
void setFormat(Format format);
/// "auto", "text", "json"; Auto for anything else.
Format formatOf(const QString &word);

/// A fact about the messages that this thread writes while it lives, on the stack: for who searches a journal
/// or reads JSON. In text the request alone is shown.
class Field
{
public:
    static constexpr const char *kRequest = "request"; ///< Of a client: its id.
    static constexpr const char *kServer = "server";   ///< Its name.

    /// An empty value is none.
    Field(const char *name, QString value);
    ~Field();
    Q_DISABLE_COPY_MOVE(Field)

    const char *name() const { return m_name; }
    const QString &value() const { return m_value; }
    const Field *outer() const { return m_outer; }

private:
    const char *const m_name;
    const QString m_value;
    const Field *const m_outer;
};

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
