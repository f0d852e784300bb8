// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/queuemethods.h"

#include "core/control/server.h"
#include "core/service/objectjson.h"
#include "core/service/page.h"
#include "core/service/parameters.h"

#include <algorithm>

namespace cring::service {

using control::CallPtr;

namespace {

constexpr QLatin1String serverKey("server");

QJsonObject toJson(const OwedItem &item, const ServerName &server)
{
    QJsonObject object = objectJson(item.key);
    object.insert(serverKey, server.name);
    object.insert(QLatin1String("kind"), item.kind);
    object.insert(QLatin1String("sinceMs"), item.sinceMs);
    object.insert(QLatin1String("attempts"), item.attempts);
    object.insert(QLatin1String("running"), item.running);
    if (item.waitMs)
        object.insert(QLatin1String("waitMs"), *item.waitMs);
    if (!item.problem.isEmpty())
        object.insert(QLatin1String("problem"), item.problem);
    return object;
}

/// The servers that a call is about: all of them, or the one that it names.
Result<QList<ServerName>> chosenServers(const QueueHooks &hooks, const QString &name)
{
    const QList<ServerName> all = hooks.servers();
    if (name.isEmpty())
        return all;
    const Result<ServerName> one = serverNamed(all, name);
    if (!one)
        return one.error();
    return QList<ServerName>{*one};
}

/// A place in the queues of all servers: "<server's id>\0<place in its queue>".
QByteArray joined(const QString &server, const QByteArray &place)
{
    return server.toUtf8() + '\0' + place;
}

void list(const CallPtr &call, const QueueHooks &hooks)
{
    Parameters params(call->params());
    const QString name = params.text(serverKey);
    const qint64 limit = params.number(QStringLiteral("limit"), Page::kMostEntries, 1, Page::kMostEntries);
    const QByteArray after = params.place();
    if (params.problem()) {
        call->fail(*params.problem());
        return;
    }
    const Result<QList<ServerName>> servers = chosenServers(hooks, name);
    if (!servers) {
        call->fail(servers.error());
        return;
    }
    const qsizetype cut = after.indexOf('\0');
    const QString first = QString::fromUtf8(after.left(cut));
    QJsonArray counts;
    Page page(static_cast<qsizetype>(limit));
    QByteArray next;
    bool begun = after.isEmpty();
    for (const ServerName &server : *servers) {
        QJsonObject line{{QStringLiteral("name"), server.name},
                         {QStringLiteral("id"), server.id},
                         {QStringLiteral("owed"), hooks.count(server.id)}};
        if (const qint64 resting = hooks.setAside ? hooks.setAside(server.id) : 0; resting > 0)
            line.insert(QStringLiteral("setAside"), resting);
        counts.append(line);
        QByteArray place = !begun && server.id == first ? after.mid(cut + 1) : QByteArray();
        begun = begun || server.id == first;
        while (begun && next.isEmpty()) {
            const QList<OwedItem> items = hooks.items(server.id, place, page.room() + 1);
            if (items.isEmpty())
                break;
            for (const OwedItem &item : items) {
                if (page.isFull()) {
                    next = joined(server.id, place);
                    break;
                }
                page.add(toJson(item, server));
                place = item.place;
            }
        }
    }
    QJsonObject answer = page.answer(QStringLiteral("items"), next);
    answer.insert(QStringLiteral("servers"), counts);
    call->reply(answer);
}

void retry(const CallPtr &call, const QueueHooks &hooks)
{
    Parameters params(call->params());
    const QString name = params.text(serverKey);
    if (params.problem()) {
        call->fail(*params.problem());
        return;
    }
    const Result<QList<ServerName>> servers = chosenServers(hooks, name);
    if (!servers) {
        call->fail(servers.error());
        return;
    }
    qint64 owed = 0;
    for (const ServerName &server : *servers)
        owed += hooks.count(server.id);
    hooks.retry(name.isEmpty() ? QString() : servers->first().id);
    call->reply({{QStringLiteral("owed"), owed}});
}

} // namespace

Result<ServerName> serverNamed(const QList<ServerName> &servers, const QString &name)
{
    auto found = std::ranges::find(servers, name, &ServerName::name);
    if (found == servers.end())
        found = std::ranges::find(servers, name, &ServerName::id);
    if (found != servers.end())
        return *found;
    QStringList names;
    for (const ServerName &server : servers)
        names.append(server.name);
    return Error{Code::NotFound, QStringLiteral("there is no server \"%1\"; the servers are %2")
                                     .arg(name.left(100), names.join(QStringLiteral(", ")))};
}

void addQueueMethods(control::Server &server, const QueueHooks &hooks)
{
    if (!hooks.servers)
        return;
    server.addMethod(QStringLiteral("queue.list"), [hooks](const CallPtr &call) { list(call, hooks); });
    server.addMethod(QStringLiteral("queue.retry"), [hooks](const CallPtr &call) { retry(call, hooks); });
}

} // namespace cring::service
