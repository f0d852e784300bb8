// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/blobmethods.h"

#include "core/control/server.h"
#include "core/service/blobchanges.h"
#include "core/service/blobentry.h"
#include "core/service/filenames.h"
#include "core/service/objectjson.h"
#include "core/service/owedkind.h"
#include "core/service/page.h"
#include "core/service/parameters.h"

namespace cring::service {

using control::CallPtr;
using state::Catalogue;
using state::Debt;
using state::ObjectKey;
using state::Record;

namespace {

/// Records looked at for one answer, whether they are shown or not: a few milliseconds.
constexpr qsizetype kLooks = 5'000;

/// '/' + 1: what sorts right behind everything of an account.
constexpr char kAfterSlash = '0';

QString utf8(const QByteArray &bytes)
{
    return QString::fromUtf8(bytes);
}

/// The next account after one, "" at the end: accounts are not listed anywhere, but keys are in order.
QByteArray accountAfter(const Catalogue &catalogue, const QByteArray &account)
{
    QByteArray found;
    (void)catalogue.walk(
        account.isEmpty() ? account : account + kAfterSlash, 1,
        [&](const ObjectKey &key, const Catalogue::Holding &) { found = key.left(key.indexOf('/')); });
    return found;
}

bool isKnown(const Catalogue &catalogue, const QByteArray &account)
{
    bool known = catalogue.find(account).has_value();
    (void)catalogue.walk(account, 1, [&](const ObjectKey &key, const Catalogue::Holding &) {
        known = known || state::isAtOrBelow(key, account);
    });
    return known;
}

/// Which account's path is meant: the one that is named, the one that the path begins with, or the only one.
Result<ObjectKey> keyOf(const Catalogue &catalogue, const QString &account, const QString &path)
{
    QByteArray key = path.toUtf8();
    while (key.startsWith('/'))
        key.remove(0, 1);
    while (key.endsWith('/'))
        key.chop(1);
    if (!account.isEmpty())
        return state::objectKey(account.toUtf8(), key);
    const QByteArray first = key.left(key.indexOf('/'));
    if (!first.isEmpty() && isKnown(catalogue, first))
        return key;
    const QByteArray only = accountAfter(catalogue, {});
    if (only.isEmpty())
        return Error{Code::NotFound, QStringLiteral("no file has been recorded yet")};
    if (accountAfter(catalogue, only).isEmpty())
        return state::objectKey(only, key);
    return Error{Code::ControlBadParams,
                 QStringLiteral("there are several accounts: write the account's id before the path, as in "
                                "%1/…; `cring blobs list` shows them")
                     .arg(utf8(only))};
}

/// Whose names are told, and why others are not.
QJsonObject namesJson(const BlobHooks &hooks)
{
    const QString problem =
        hooks.names ? hooks.names->problem()
                    : QStringLiteral("the service runs for the whole machine, and shows names to nobody");
    const QStringList accounts = hooks.names ? hooks.names->accounts() : QStringList();
    return {{QStringLiteral("accounts"), QJsonArray::fromStringList(accounts)},
            {QStringLiteral("problem"), problem}};
}

void list(const CallPtr &call, const BlobHooks &hooks)
{
    Parameters params(call->params());
    const QByteArray account = params.text(QStringLiteral("account")).toUtf8();
    const QString prefix = params.text(QStringLiteral("prefix"));
    const qint64 limit = params.number(QStringLiteral("limit"), Page::kMostEntries, 1, Page::kMostEntries);
    const ObjectKey after = params.place();
    const bool named = params.flag(QStringLiteral("names"));
    if (params.problem()) {
        call->fail(*params.problem());
        return;
    }
    if (named && hooks.names)
        hooks.names->want();
    ObjectKey start = account;
    if (!prefix.isEmpty()) {
        const Result<ObjectKey> key = keyOf(*hooks.catalogue, utf8(account), prefix);
        if (!key) {
            call->fail(key.error());
            return;
        }
        start = *key;
    }
    const auto matches = [&](const ObjectKey &key) {
        return key.startsWith(start) && (account.isEmpty() || state::isAtOrBelow(key, account));
    };
    const Catalogue &catalogue = *hooks.catalogue;
    const BlobEntries entries(hooks, named);
    FolderDeletes deletes(catalogue);
    Page page(static_cast<qsizetype>(limit));
    ObjectKey place = after.isEmpty() ? start : after;
    bool ended = false;
    bool cut = false;
    const auto visit = [&](const ObjectKey &key, const Catalogue::Holding &holding) {
        ended = ended || !matches(key);
        cut = cut || page.isFull();
        if (ended || cut)
            return;
        if (!holding.record.deleted && deletes.above(key) < holding.record.version)
            page.add(entries.entry(key, holding));
        place = key;
    };
    // A walk begins behind its place; the prefix itself may be a file.
    if (const auto own = catalogue.knowledge(start).record; after.isEmpty() && own && !start.isEmpty())
        visit(start, {*own, catalogue.holders(start)});
    for (qsizetype looks = 0; looks < kLooks && !ended && !cut && !page.isFull();) {
        const qsizetype step = page.room();
        if (catalogue.walk(place, step, visit).isEmpty() && !cut)
            ended = true;
        looks += step;
    }
    QJsonObject answer = page.answer(QStringLiteral("blobs"), ended ? ObjectKey() : place);
    if (named)
        answer.insert(QStringLiteral("names"), namesJson(hooks));
    call->reply(answer);
}

void where(const CallPtr &call, const BlobHooks &hooks)
{
    Parameters params(call->params());
    const QString path =
        params.needed(QStringLiteral("path"), QStringLiteral("a path as `cring blobs list` shows it"));
    const QString account = params.text(QStringLiteral("account"));
    if (params.problem()) {
        call->fail(*params.problem());
        return;
    }
    const Catalogue &catalogue = *hooks.catalogue;
    const Result<ObjectKey> key = keyOf(catalogue, account, path);
    if (!key) {
        call->fail(key.error());
        return;
    }
    const auto record = catalogue.find(*key);
    if (!record) {
        call->fail(
            {Code::NotFound,
             QStringLiteral("nothing is recorded at that path. Names are encrypted by the client, and "
                            "paths are the servers' own: `cring blobs list` shows them, `cring verify` "
                            "looks for files that are not recorded")});
        return;
    }
    const QList<QString> owners = record->folder || record->deleted ? QList<QString>() : hooks.owners(*key);
    QJsonArray servers;
    for (const ServerName &server : hooks.servers()) {
        const bool wanted = record->folder ? !record->deleted : owners.contains(server.id);
        QString copy = copyWord(catalogue, *key, *record, server.id, wanted);
        if (copy == QStringLiteral("holds") && hooks.hasLost && hooks.hasLost(*key, server.id))
            copy = QStringLiteral("missing");
        QJsonObject entry{{QStringLiteral("name"), server.name},
                          {QStringLiteral("id"), server.id},
                          {QStringLiteral("owner"), wanted},
                          {QStringLiteral("copy"), copy}};
        if (const auto owed = catalogue.debt(*key, server.id)) {
            entry.insert(QStringLiteral("owed"), owedKind(*record, owed->debt));
            entry.insert(QStringLiteral("sinceMs"), owed->since);
        }
        servers.append(entry);
    }
    QJsonObject answer = objectJson(*key);
    answer.insert(QStringLiteral("record"), recordJson(*record));
    answer.insert(QStringLiteral("servers"), servers);
    const auto body = hooks.spool ? hooks.spool->find(*key, record->digest) : std::nullopt;
    if (body && !record->deleted && !record->folder)
        answer.insert(QStringLiteral("spool"), QJsonObject{{QStringLiteral("size"), body->size},
                                                           {QStringLiteral("sinceMs"), body->since}});
    call->reply(answer);
}

} // namespace

QString copyWord(const Catalogue &catalogue, const ObjectKey &key, const Record &record,
                 const QString &server, bool isOwner)
{
    if (const auto owed = catalogue.debt(key, server)) {
        switch (owed->debt) {
        case Debt::Extra:
            return QStringLiteral("extra");
        case Debt::Suspect:
            return QStringLiteral("suspect");
        case Debt::Stale:
            return QStringLiteral("stale");
        case Debt::InDoubt:
            return QStringLiteral("in doubt");
        case Debt::Differs:
            return QStringLiteral("differs");
        }
    }
    if (record.deleted)
        return QStringLiteral("gone");
    if (catalogue.holds(key, server) || record.folder)
        return isOwner ? QStringLiteral("holds") : QStringLiteral("extra");
    return isOwner ? QStringLiteral("missing") : QStringLiteral("none");
}

void addBlobMethods(control::Server &server, const BlobHooks &hooks)
{
    if (!hooks.catalogue)
        return;
    server.addMethod(QStringLiteral("blobs.list"), [hooks](const CallPtr &call) { list(call, hooks); });
    server.addMethod(QStringLiteral("blobs.where"), [hooks](const CallPtr &call) { where(call, hooks); });
    const QString topic = QStringLiteral("blobs");
    server.addMethod(QStringLiteral("blobs.subscribe"), [hooks, topic](const CallPtr &call) {
        Parameters params(call->params());
        const bool named = params.flag(QStringLiteral("names"));
        if (params.problem()) {
            call->fail(*params.problem());
            return;
        }
        call->reply({});
        if (control::Subscription *subscription = call->subscribe(topic))
            new BlobChanges(hooks, named, *subscription);
    });
    server.addMethod(QStringLiteral("blobs.unsubscribe"), [topic](const CallPtr &call) {
        call->reply({{QStringLiteral("ended"), call->unsubscribe(topic)}});
    });
}

} // namespace cring::service
