// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/replicasurvey.h"

#include "core/accounts/charmfolder.h"
#include "core/base/words.h"

#include <algorithm>

namespace cring::accounts {

using namespace charmfolder;

namespace {

/// For what a new server writes before it is noticed that the disk is full.
constexpr qint64 kSpareBytes = 4 * 1024 * 1024;
constexpr qsizetype kMostNames = 3;

Error refused(const QString &why)
{
    return Error{Code::ReplicaTarget, why};
}

Result<bool> isThere(INode &node, const QString &path, NodeEntry::Kind kind = NodeEntry::Kind::File)
{
    const Result<std::optional<NodeEntry>> entry = node.stat(path);
    if (!entry)
        return entry.error();
    return *entry && (*entry)->kind == kind;
}

/// What stands in nobody's way: what a mounted disk begins with, and a marker that was not whole when the
/// machine died.
bool isNothing(const NodeEntry &entry)
{
    return entry.name == QLatin1String("lost+found") || entry.name == INode::partName(InitMarker::kName);
}

Result<InitMarker> readMarker(INode &target, const QByteArray &publicKey)
{
    const QString place = target.shown(QString());
    const Result<QByteArray> text = readAll(target, InitMarker::kName);
    if (!text)
        return text.error();
    Result<InitMarker> marker = InitMarker::parse(*text);
    if (!marker)
        return refused(
            QStringLiteral("%1 was begun by something else: %2").arg(place, marker.error().detail));
    if (marker->publicKey != publicKey)
        return refused(
            QStringLiteral("%1 is the beginning of a server for another cluster, with another key; take "
                           "another folder, or remove that one")
                .arg(place));
    return marker;
}

/// Good when it is a whole data directory of this cluster.
Status judge(INode &target, const QList<NodeEntry> &entries, const QByteArray &publicKey)
{
    const QString place = target.shown(QString());
    const Result<bool> hasKey = isThere(target, kPublicKey);
    if (!hasKey)
        return hasKey.error();
    if (!*hasKey) {
        QStringList names;
        for (const NodeEntry &entry : entries.first(std::min(kMostNames, entries.size())))
            names += entry.name;
        return refused(
            QStringLiteral(
                "%1 is not empty (%2): nothing is put among other things. Take an empty folder, or "
                "one that is not there yet")
                .arg(place, names.join(QStringLiteral(", "))));
    }
    const Result<QByteArray> text = readAll(target, kPublicKey);
    if (!text)
        return text.error();
    if (!isOfKey(*text, publicKey))
        return refused(
            QStringLiteral("%1 belongs to another cluster: it has another server key. Take another folder")
                .arg(place));
    for (const QString &path : {kKey, kDatabase}) {
        const Result<bool> has = isThere(target, path);
        if (!has)
            return has.error();
        if (!*has)
            return refused(
                QStringLiteral("%1 has this cluster's public key, but no %2, and was not begun by this "
                               "command; take another folder")
                    .arg(place, path));
    }
    return {};
}

} // namespace

bool isOfKey(const QByteArray &line, const QByteArray &publicKey)
{
    return QByteArray::fromBase64(line.simplified().split(' ').value(1)).endsWith(publicKey);
}

Result<ServerKeys> readServerKeys(INode &node)
{
    const auto unusable = [&node](const QString &path, const QString &why) {
        return Error{Code::ReplicaSource, QStringLiteral("%1 %2").arg(node.shown(path), why)};
    };
    for (const QString &path : {kKey, kPublicKey, kDatabase}) {
        const Result<bool> has = isThere(node, path);
        if (!has)
            return has.error();
        if (!*has)
            return unusable(
                path, QStringLiteral("is not there: is that the data directory of a Charm server that has "
                                     "been started?"));
    }
    Result<Secret> text = readSecret(node, kKey);
    if (!text)
        return text.error();
    Result<charm::ServerKey> key = charm::ServerKey::parse(text->view());
    if (!key)
        return unusable(kKey, key.error().detail);
    Result<QByteArray> line = readAll(node, kPublicKey);
    if (!line)
        return line.error();
    if (!isOfKey(*line, key->publicKey()))
        return unusable(kPublicKey, QStringLiteral("does not belong to the private key beside it"));
    return ServerKeys{std::move(*text), std::move(*line), std::move(*key)};
}

Result<TargetSurvey> surveyTarget(INode &target, const QByteArray &publicKey)
{
    TargetSurvey survey;
    survey.marker.publicKey = publicKey;
    const Result<std::optional<NodeEntry>> root = target.stat(QString());
    if (!root)
        return root.error();
    if (!*root) {
        survey.marker.madeFolder = true;
        return survey;
    }
    if ((*root)->kind != NodeEntry::Kind::Folder)
        return refused(QStringLiteral("%1 is there and no folder").arg(target.shown(QString())));
    const Result<bool> isMarked = isThere(target, InitMarker::kName);
    if (!isMarked)
        return isMarked.error();
    if (*isMarked) {
        const Result<InitMarker> marker = readMarker(target, publicKey);
        if (!marker)
            return marker.error();
        survey.state = TargetSurvey::State::Begun;
        survey.marker = *marker;
        return survey;
    }
    const Result<QList<NodeEntry>> entries = target.list(QString());
    if (!entries)
        return entries.error();
    if (std::ranges::all_of(*entries, isNothing))
        return survey;
    if (const Status status = judge(target, *entries, publicKey); !status)
        return status.error();
    survey.state = TargetSurvey::State::IsWhole;
    return survey;
}

Status checkRoom(INode &source, INode &target)
{
    const Result<std::optional<NodeEntry>> database = source.stat(kDatabase);
    if (!database)
        return database.error();
    const Result<std::optional<qint64>> free = target.freeBytes();
    if (!free)
        return free.error();
    const qint64 needed = (*database ? (*database)->size : 0) + kSpareBytes;
    if (!*free || **free >= needed)
        return {};
    return Error{
        Code::NodeFull,
        QStringLiteral("the disk of %1 has %2 free, and the accounts alone need %3; make room, or take "
                       "another place")
            .arg(target.shown(QString()), words::bytes(**free), words::bytes(needed))};
}

} // namespace cring::accounts
