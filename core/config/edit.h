// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/config/config.h"
#include "core/config/value.h"

#include <QByteArray>
#include <QString>

#include <optional>

namespace cring::config {

/// The value of "service.address", "limits.connections", "server.NAME.url" or "backup.NAME.window" (NAME may
/// hold dots; an id does too). Code::NotFound for an unknown key, with the nearest.
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

// ---- the list of servers ----

/// What a command changes of a server; the rest stays.
struct ServerChange
{
    std::optional<QString> name;
    std::optional<QString> url;
    std::optional<QString> sshPort; ///< As a person types it, like the others.
    std::optional<QString> weight;
    std::optional<QString> data;
    std::optional<QString> id = {}; ///< Of one that is added: it was in the ring before. Else its name.
};

/// The text with one more [[server]] at its end. Errors as withValue(); ConfigBadValue when there is one of
/// that name already.
Result<QByteArray> withServer(const QByteArray &text, const QString &name, const ServerChange &values);
/// The text with a server changed, by name or id. Errors as withValue().
Result<QByteArray> withServerChanged(const QByteArray &text, const QString &name, const ServerChange &values);
/// The text without a server, by name or id: its lines from [[server]] to its last key, with the comments
/// between them. Errors as withValue().
Result<QByteArray> withoutServer(const QByteArray &text, const QString &name);

// ---- the list of backups ----

/// Keys of a list's entry (every one has to be one) with their values, as a person types them.
using Fields = QList<std::pair<QString, QString>>;

/// The same three for [[backup]].
Result<QByteArray> withBackup(const QByteArray &text, const QString &name, const Fields &values);
Result<QByteArray> withBackupChanged(const QByteArray &text, const QString &name, const Fields &values);
Result<QByteArray> withoutBackup(const QByteArray &text, const QString &name);

/// The bytes of a file; empty when it is not there. ConfigFile.
Result<QByteArray> readFile(const QString &path);
/// As setInFile() for a whole text. ConfigFile.
Status writeFile(const QString &path, const QByteArray &text);

} // namespace cring::config
