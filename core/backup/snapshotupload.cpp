// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/snapshotupload.h"

namespace cring::backup {

namespace {

/// In one DeleteObjects.
constexpr qsizetype kMostAtOnce = 1'000;

} // namespace

SnapshotUpload::SnapshotUpload(S3Client &client, QByteArray key, const QByteArray &sealed, qint64 nowMs,
                               QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_key(std::move(key))
    , m_nowMs(nowMs)
    , m_walk(client, AccountSnapshot::kPrefix)
{
    PutRequest request;
    request.key = m_key;
    request.body = std::make_shared<BytesSource>(sealed);
    m_client.put(request, this, [this](const S3Result<Stored> &answer) {
        if (!answer) {
            Q_EMIT failed(answer.error().toError());
            return;
        }
        Q_EMIT stored();
        list();
    });
}

void SnapshotUpload::list()
{
    m_walk.next([this](const S3Result<QList<ListedObject>> &page) {
        if (!page) {
            Q_EMIT ended();
            return;
        }
        for (const ListedObject &object : *page)
            m_keys.append(object.key);
        if (m_walk.atEnd())
            drop();
        else
            list();
    });
}

void SnapshotUpload::drop()
{
    QList<ObjectId> objects;
    const QList<QByteArray> keys = snapshotsToDrop(m_keys, m_nowMs);
    for (const QByteArray &key : keys) {
        if (objects.size() < kMostAtOnce)
            objects.append({key});
    }
    if (objects.isEmpty()) {
        Q_EMIT ended();
        return;
    }
    m_client.removeAll(objects, this, [this](const S3Result<QList<DeleteFailure>> &) { Q_EMIT ended(); });
}

} // namespace cring::backup
