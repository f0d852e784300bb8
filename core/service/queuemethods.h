// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QList>
#include <QString>

#include <functional>
#include <optional>

namespace cring::control {
class Server;
} // namespace cring::control

namespace cring::service {

/// A server as the control API names it.
struct ServerName
{
    QString id;
    QString name;

    bool operator==(const ServerName &) const = default;
};

/// Something that a server has not got yet.
struct OwedItem
{
    QByteArray place; ///< In the server's queue, which goes on after it.
    QByteArray key;   ///< "<charm id>/<escaped path>", or a charm id alone.
    QString kind;     ///< "copy" | "delete" | "folder" | "extra" | "check" | "conflict" | "name" | "key" |
                      ///< "number"; docs/control-api.md says what each is.
    qint64 sinceMs = 0;
    int attempts = 0;
    bool running = false;
    std::optional<qint64> waitMs; ///< Until the next try; nothing when that is not known.
    QString problem;              ///< Of the last try, or what is waited for.
};

/// What the outbox tells, and can be told. Called on the event loop; nothing blocks.
struct QueueHooks
{
    /// In the order of the configuration. Not set: the methods are not offered.
    std::function<QList<ServerName>()> servers;
    std::function<qint64(const QString &server)> count;
    /// What rests beside it; not set: nothing does.
    std::function<qint64(const QString &server)> setAside = {};
    /// At most `limit` of a server (its id), after a place; "" for the beginning.
    std::function<QList<OwedItem>(const QString &server, const QByteArray &after, qsizetype limit)> items;
    /// All of it is due now; "" for all servers.
    std::function<void(const QString &server)> retry;
};

/// queue.list and queue.retry.
void addQueueMethods(control::Server &server, const QueueHooks &hooks);

/// By name or, failing that, id: what is shown to people is what they mean. NotFound names those that are.
Result<ServerName> serverNamed(const QList<ServerName> &servers, const QString &name);

} // namespace cring::service
