// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/backupring.h"

#include "core/backup/hashedask.h"
#include "core/backup/objectdownload.h"
#include "core/backup/objectname.h"
#include "core/backup/s3walk.h"
#include "tests/support/spin.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>

namespace cring::test {

using backup::ListedObject;
using backup::ObjectHead;
using backup::ParsedKey;
using backup::S3Result;

namespace {

Status writeKey(const QString &path, const char *key)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(key) < 0 ||
        !file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner))
        return Error{Code::StateFile, file.errorString()};
    return {};
}

} // namespace

BackupRing::BackupRing(int servers, S3Server::Make make, const S3ServerOptions &options)
    : m_ring(servers)
    , m_s3(make, options)
{
}

Status BackupRing::startServers()
{
    if (Status started = m_ring.startServers(); !started)
        return started;
    if (Status key = m_ring.useServerKey(); !key)
        return key;
    if (Status started = m_s3.start(); !started)
        return started;
    m_rig = std::make_unique<S3Rig>(m_s3.url(), QString::fromLatin1(kBucket));
    m_rig->setKeys(S3Server::kAccessKey, S3Server::kSecretKey);
    const auto made = await<backup::Nothing>(
        [&](backup::Done<backup::Nothing> done) { client().createBucket(&m_rig->context, std::move(done)); });
    return made ? Status() : Status(made.error().toError());
}

Status BackupRing::startRing(const QList<int> &faulty, const QString &lines, const QString &service,
                             FaultyRing::Pace pace)
{
    const QString folder = m_ring.cluster().path();
    if (Status status = writeKey(folder + QStringLiteral("/s3-access"), S3Server::kAccessKey); !status)
        return status;
    if (Status status = writeKey(folder + QStringLiteral("/s3-secret"),
                                 QByteArray(S3Server::kSecretKey).append('\n').constData());
        !status)
        return status;
    const QString backup = QStringLiteral("\n[[backup]]\nurl = \"%1\"\nbucket = \"%2\"\nregion = \"%3\"\n"
                                          "access_key = \"file:%4/s3-access\"\n"
                                          "secret_key = \"file:%4/s3-secret\"\n")
                               .arg((m_front ? m_front->url() : m_s3.url()).toString(),
                                    QLatin1String(kBucket), QLatin1String(S3Server::kRegion), folder);
    return m_ring.startRing(faulty, service + backup + lines + u'\n', pace);
}

S3Result<FilesTree> BackupRing::bucketTree()
{
    FilesTree tree;
    backup::ObjectWalk walk(client(), {});
    while (!walk.atEnd()) {
        const auto page =
            await<QList<ListedObject>>([&](backup::Done<QList<ListedObject>> done) { walk.next(done); });
        if (!page)
            return page.error();
        for (const ListedObject &object : *page) {
            const ParsedKey key = backup::parseKey(object.key);
            if (key.form == ParsedKey::Form::Own || key.form == ParsedKey::Form::Name)
                continue;
            const auto head = await<ObjectHead>([&](backup::Done<ObjectHead> done) {
                client().head(object.key, {}, &m_rig->context, std::move(done));
            });
            if (!head)
                return head.error();
            QByteArray path = key.path;
            if (key.form == ParsedKey::Form::Hashed) {
                backup::HashedAsk ask(client(), object);
                const auto answer = await<QByteArray>([&](backup::Done<QByteArray> done) {
                    QObject::connect(&ask, &backup::HashedAsk::finished, &m_rig->context, std::move(done));
                    ask.start();
                });
                if (!answer)
                    return answer.error();
                path = *answer;
            }
            TreeEntry entry;
            entry.isDir = key.kind == backup::ObjectKind::Folder;
            entry.mode = head->metadata.value(backup::kModeField).toUInt() & 07777;
            if (!entry.isDir) {
                QCryptographicHash hash(QCryptographicHash::Sha256);
                std::optional<S3Result<backup::Nothing>> end;
                backup::GetRequest request;
                request.key = object.key;
                backup::ObjectDownload download(client(), request);
                QObject::connect(&download, &backup::ObjectDownload::bodyReceived, &m_rig->context,
                                 [&](const QByteArray &data) { hash.addData(data); });
                QObject::connect(&download, &backup::ObjectDownload::finished, &m_rig->context,
                                 [&] { end = backup::Nothing(); });
                QObject::connect(&download, &backup::ObjectDownload::failed, &m_rig->context,
                                 [&](const backup::S3Error &error) { end = error; });
                spinUntil([&] { return end.has_value(); }, 60'000);
                if (!end)
                    return backup::S3Error{};
                if (!*end)
                    return end->error();
                entry.size = object.size;
                entry.sha256 = hash.result().toHex();
            }
            const QByteArray name = path.isEmpty() ? key.charmId : key.charmId + '/' + path;
            tree.insert(QString::fromUtf8(name), entry);
        }
    }
    return tree;
}

QByteArray BackupRing::difference(int server)
{
    const auto bucket = bucketTree();
    if (!bucket)
        return bucket.error().words().toUtf8();
    FilesTree files = playground::readTree(m_ring.at(server).dataDir() + QStringLiteral("/files"));
    QByteArray text;
    const auto line = [&](const char *what, const QString &path, const TreeEntry &entry) {
        text += what + path.right(60).toUtf8() + ' ' + QByteArray::number(entry.mode, 8) + ' ' +
                QByteArray::number(entry.size) + '\n';
    };
    for (auto it = files.begin(); it != files.end(); ++it) {
        // The account's own folder is made by Charm, with the mode of the first file, and is nobody's.
        if (!it.key().contains(u'/'))
            continue;
        if (bucket->value(it.key()) != it.value() || !bucket->contains(it.key()))
            line(bucket->contains(it.key()) ? "differs: " : "not in the bucket: ", it.key(), it.value());
    }
    for (auto it = bucket->begin(); it != bucket->end(); ++it) {
        if (!files.contains(it.key()) && it.key().contains(u'/'))
            line("only in the bucket: ", it.key(), it.value());
    }
    return text;
}

QByteArray BackupRing::differenceAfter(int limit, int server)
{
    QByteArray last;
    const bool rests = spinUntil(
        [&] {
            const QJsonObject now = status();
            const bool owesNothing = now.value(QStringLiteral("owed")).toInt(-1) == 0 &&
                                     now.value(QStringLiteral("owedDeletes")).toInt(-1) == 0;
            last = owesNothing ? difference(server) : "still owed: " + QJsonDocument(now).toJson();
            return last.isEmpty();
        },
        limit);
    return rests ? QByteArray() : last;
}

void BackupRing::standBetween()
{
    m_front = std::make_unique<FaultyServer>();
    m_front->forwardTo(m_s3.url());
}

QJsonObject BackupRing::status()
{
    const auto output = m_ring.ring().runCommand({QStringLiteral("status"), QStringLiteral("--json")});
    return QJsonDocument::fromJson(output.out)
        .object()
        .value(QStringLiteral("backups"))
        .toArray()
        .first()
        .toObject();
}

QByteArray mixedLoad(FaultyRing &ring, int operations, quint32 seed)
{
    SeededRandom random(seed);
    for (int i = 0; i < operations; ++i) {
        const QByteArray folder = "folder" + QByteArray::number(random.next() % 7);
        const QByteArray path = folder + "/file" + QByteArray::number(random.next() % 40);
        const auto kind = random.next() % 10;
        HttpResponse answer;
        if (kind < 7) {
            const auto size =
                static_cast<qsizetype>(random.next() % 10 == 0 ? 300'000 : random.next() % 9'000);
            answer = ring.upload(path, FaultyRing::content(size, path + QByteArray::number(i)),
                                 random.next() % 4 == 0 ? 0600 : 0644);
        } else if (kind == 7) {
            answer = ring.makeFolder(folder + "/empty" + QByteArray::number(random.next() % 5));
        } else {
            answer = ring.remove(random.next() % 5 == 0 ? folder : path);
        }
        if (answer.status != 200 && answer.status != 404 && answer.status != 204)
            return path + ": " + answer.text();
    }
    return {};
}

} // namespace cring::test
