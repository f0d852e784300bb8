// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/membermethods.h"

#include "core/control/server.h"
#include "core/ring/ring.h"
#include "core/service/parameters.h"
#include "core/service/removalstudy.h"

#include <QJsonArray>

#include <map>

namespace cring::service {

using control::CallPtr;

namespace {

/// The groups of more servers are as many as the partitions, and too many for one answer.
constexpr qsizetype kMostGrouped = 8;

using Act = std::function<Result<QString>(const QString &name)>;

/// Fails the call when there is no such server.
std::optional<ServerName> serverFrom(const CallPtr &call, const MemberHooks &hooks)
{
    Parameters params(call->params());
    const QString name = params.needed(QStringLiteral("name"), QStringLiteral("a server's name"));
    if (params.problem()) {
        call->fail(*params.problem());
        return std::nullopt;
    }
    const Result<ServerName> server = serverNamed(hooks.servers(), name);
    if (!server) {
        call->fail(server.error());
        return std::nullopt;
    }
    return *server;
}

void tellSource(const CallPtr &call, const MemberHooks &hooks)
{
    const ServersSource source = hooks.source();
    call->reply({{QStringLiteral("file"), source.file}, {QStringLiteral("origin"), source.origin}});
}

void tellPlacement(const CallPtr &call, const MemberHooks &hooks)
{
    const ring::Ring &ring = hooks.ring();
    if (ring.members().size() > kMostGrouped) {
        call->reply({});
        return;
    }
    std::map<std::vector<quint16>, int> partitions; // By their owners, the best first.
    for (int partition = 0; partition < ring::Ring::kPartitions; ++partition) {
        const auto owners = ring.owners(partition);
        ++partitions[{owners.begin(), owners.end()}];
    }
    QHash<QString, QString> names;
    for (const ServerName &server : hooks.servers())
        names.insert(server.id, server.name);
    QJsonArray servers;
    for (const ring::Member &member : ring.members())
        servers.append(names.value(member.id, member.id));
    QJsonArray groups;
    for (const auto &[owners, count] : partitions) {
        QJsonArray indexes;
        for (const quint16 owner : owners)
            indexes.append(owner);
        groups.append(
            QJsonObject{{QStringLiteral("owners"), indexes}, {QStringLiteral("partitions"), count}});
    }
    call->reply({{QStringLiteral("servers"), servers}, {QStringLiteral("groups"), groups}});
}

void studyRemoval(const CallPtr &call, const MemberHooks &hooks, QObject *owner)
{
    const auto server = serverFrom(call, hooks);
    if (!server)
        return;
    QList<QString> ids;
    for (const ServerName &each : hooks.servers())
        ids.append(each.id);
    auto *study = new RemovalStudy(*hooks.catalogue, server->id, ids, owner);
    QObject::connect(study, &RemovalStudy::finished, owner, [call, study, name = server->name] {
        const auto amount = [](const RemovalStudy::Amount &each) {
            return QJsonObject{{QStringLiteral("files"), each.files}, {QStringLiteral("bytes"), each.bytes}};
        };
        call->reply({{QStringLiteral("backend"), name},
                     {QStringLiteral("copies"), amount(study->copies())},
                     {QStringLiteral("onlyCopies"), amount(study->onlyCopies())}});
        study->deleteLater();
    });
    study->start();
}

void promote(const CallPtr &call, const MemberHooks &hooks)
{
    const auto server = serverFrom(call, hooks);
    if (!server)
        return;
    if (const Status status = hooks.promote(server->id); !status)
        call->fail(status.error());
    else
        call->reply({{QStringLiteral("backend"), server->name}});
}

void act(const CallPtr &call, const MemberHooks &hooks, const Act &what)
{
    const auto server = serverFrom(call, hooks);
    if (!server)
        return;
    const Result<QString> said = what(server->id);
    if (!said)
        call->fail(said.error());
    else
        call->reply({{QStringLiteral("backend"), server->name}, {QStringLiteral("text"), *said}});
}

} // namespace

void addMemberMethods(control::Server &server, const MemberHooks &hooks, QObject *owner)
{
    if (!hooks.servers)
        return;
    if (hooks.source) {
        server.addMethod(QStringLiteral("backends.source"),
                         [hooks](const CallPtr &call) { tellSource(call, hooks); });
    }
    if (hooks.ring) {
        server.addMethod(QStringLiteral("backends.placement"),
                         [hooks](const CallPtr &call) { tellPlacement(call, hooks); });
    }
    if (hooks.catalogue) {
        server.addMethod(QStringLiteral("backends.removal"),
                         [hooks, owner](const CallPtr &call) { studyRemoval(call, hooks, owner); });
    }
    if (hooks.promote) {
        server.addMethod(QStringLiteral("backends.promote"),
                         [hooks](const CallPtr &call) { promote(call, hooks); });
    }
    if (hooks.drain) {
        server.addMethod(QStringLiteral("backends.drain"),
                         [hooks](const CallPtr &call) { act(call, hooks, hooks.drain); });
    }
    if (hooks.resume) {
        server.addMethod(QStringLiteral("backends.resume"),
                         [hooks](const CallPtr &call) { act(call, hooks, hooks.resume); });
    }
}

} // namespace cring::service
