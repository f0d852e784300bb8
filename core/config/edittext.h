// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/config/load.h"

namespace cring::config {

// What edits of a configuration file are made of; for edit.cpp and editlist.cpp alone.

/// Byte offset of a position in code points; the end of the text when it lies behind it.
qsizetype offsetOf(const QByteArray &text, int line, int column);
/// The line's end that the file has.
QByteArray newlineOf(const QByteArray &text);
/// With a key of a section set to a TOML literal, in its place or on a line of its own.
QByteArray edited(const QByteArray &text, const QString &section, const QString &name,
                  const QByteArray &literal);
/// What an edit has made wrong, in `after`; null when nothing.
const Problem *newProblem(const Loaded &before, const Loaded &after, const QString &key);
Error notChangeable(const QString &what);
/// ConfigSyntax when it cannot be read at all.
Result<Loaded> readable(const QByteArray &text);

} // namespace cring::config
