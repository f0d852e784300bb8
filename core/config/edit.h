// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/config/config.h"
#include "core/config/value.h"

#include <QByteArray>
#include <QString>

namespace cring::config {

/// The value of "service.address", "limits.connections" or "server.NAME.url" (NAME may hold dots; an id does
/// too). Code::NotFound for an unknown key, with the nearest.
Result<Value> valueOf(const Config &config, const QString &key);

/// The text with one key set, everything else (comments, order, spacing) as it was. value is as a person
/// types it. A server that is renamed, or an unnamed one that gets another URL, keeps its id (and name): they
/// are written into the file if they came from what changes. Code::NotFound for an unknown key;
/// Code::ConfigBadValue when the value, or what the file would then mean, is wrong; Code::ConfigFile when the
/// file is written in a way that one line cannot change.
Result<QByteArray> withValue(const QByteArray &text, const QString &key, const QString &value);

/// As withValue() on a file, written whole or not at all. A new file (and its directory) is for the user
/// alone (0600); one that is there keeps its permissions.
Status setInFile(const QString &path, const QString &key, const QString &value);

} // namespace cring::config
