// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/findingmethods.h"

#include "core/control/server.h"
#include "core/service/objectjson.h"
#include "core/service/page.h"
#include "core/service/parameters.h"

#include <limits>

namespace cring::service {

using control::CallPtr;
using state::ObjectKey;

namespace {

constexpr QLatin1String kKind("kind");
constexpr QLatin1String kServer("server");
constexpr QLatin1String kSince("sinceMs");

/// {"id", "server", "sinceMs"} and what is known of the bytes.
void describe(QJsonObject &object, qint64 id, const QString &server, qint64 size, const QByteArray &digest,
              qint64 sinceMs)
{
    object.insert(QLatin1String("id"), id);
    if (!server.isEmpty())
        object.insert(kServer, server);
    if (size >= 0)
        object.insert(QLatin1String("size"), size);
    if (!digest.isEmpty())
        object.insert(QLatin1String("digest"), digestText(digest));
    object.insert(kSince, sinceMs);
}

QJsonObject toJson(const FindingInfo &finding)
{
    QJsonObject object = objectJson(finding.key);
    object.insert(kKind, finding.kind);
    describe(object, finding.id, finding.server, finding.size, finding.digest, finding.sinceMs);
    return object;
}

QJsonObject toJson(const ConflictInfo &conflict)
{
    QJsonObject object = objectJson(conflict.key);
    if (conflict.current)
        object.insert(QStringLiteral("current"), recordJson(*conflict.current));
    object.insert(QStringLiteral("holders"), QJsonArray::fromStringList(conflict.holders));
    QJsonArray kept;
    for (const ConflictInfo::Version &version : conflict.kept) {
        QJsonObject entry{{QStringLiteral("mode"), static_cast<qint64>(version.mode)}};
        describe(entry, version.id, version.server, version.size, version.digest, version.sinceMs);
        kept.append(entry);
    }
    object.insert(QStringLiteral("kept"), kept);
    return object;
}

/// A page of what is listed by key; what stands at one key is never divided. `list` gives entries after a
/// key.
template <typename List>
std::optional<QJsonObject> pageOf(const CallPtr &call, const QString &name, const List &list)
{
    Parameters params(call->params());
    const qint64 limit = params.number(QStringLiteral("limit"), Page::kMostEntries, 1, Page::kMostEntries);
    ObjectKey place = params.place();
    if (params.problem()) {
        call->fail(*params.problem());
        return std::nullopt;
    }
    Page page(static_cast<qsizetype>(limit));
    bool more = false;
    for (const auto &entry : list(place, page.room() + 1)) {
        more = page.isFull() && entry.key != place;
        if (more)
            break;
        page.add(toJson(entry));
        place = entry.key;
    }
    return page.answer(name, more ? place : ObjectKey());
}

void decide(const CallPtr &call, QObject *owner,
            const std::function<void(qint64, QObject *, ConflictHooks::Done)> &what)
{
    Parameters params(call->params());
    const qint64 id = params.number(QStringLiteral("id"), 0, 1, std::numeric_limits<qint64>::max());
    if (params.problem() || id == 0) {
        call->fail(params.problem().value_or(
            Error{Code::ControlBadParams, QStringLiteral("id must be the number of a version")}));
        return;
    }
    what(id, owner, [call, id](const Status &status) {
        if (status)
            call->reply({{QStringLiteral("id"), id}});
        else
            call->fail(status.error());
    });
}

} // namespace

void addFindingMethods(control::Server &server, const FindingHooks &hooks)
{
    if (!hooks.list)
        return;
    server.addMethod(QStringLiteral("findings.list"), [hooks](const CallPtr &call) {
        auto answer = pageOf(call, QStringLiteral("findings"), hooks.list);
        if (!answer)
            return;
        answer->insert(QStringLiteral("count"), hooks.count());
        answer->insert(QStringLiteral("overflow"), hooks.overflow());
        if (hooks.clashes)
            answer->insert(QStringLiteral("clashes"), QJsonArray::fromStringList(hooks.clashes()));
        call->reply(*answer);
    });
}

void addConflictMethods(control::Server &server, const ConflictHooks &hooks, QObject *owner)
{
    if (!hooks.list)
        return;
    server.addMethod(QStringLiteral("conflicts.list"), [hooks](const CallPtr &call) {
        if (const auto answer = pageOf(call, QStringLiteral("conflicts"), hooks.list))
            call->reply(*answer);
    });
    server.addMethod(QStringLiteral("conflicts.choose"),
                     [hooks, owner](const CallPtr &call) { decide(call, owner, hooks.choose); });
    server.addMethod(QStringLiteral("conflicts.discard"),
                     [hooks, owner](const CallPtr &call) { decide(call, owner, hooks.discard); });
}

} // namespace cring::service
