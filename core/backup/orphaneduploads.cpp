// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/orphaneduploads.h"

#include "core/backup/objectname.h"

namespace cring::backup {

OrphanedUploads::OrphanedUploads(S3Client &client, const UploadMemory &memory, QSet<QByteArray> charmIds,
                                 std::chrono::milliseconds age, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_memory(memory)
    , m_charmIds(std::move(charmIds))
    , m_age(age)
    , m_walk(client, {})
{
    look();
}

void OrphanedUploads::look()
{
    m_walk.next([this](const S3Result<QList<ListedUpload>> &page) {
        if (!page) {
            Q_EMIT failed(page.error());
            return;
        }
        for (const ListedUpload &upload : *page) {
            if (isOrphan(upload))
                m_orphans.append(upload);
        }
        abortNext();
    });
}

void OrphanedUploads::abortNext()
{
    if (m_orphans.isEmpty()) {
        if (m_walk.atEnd())
            Q_EMIT finished(m_aborted);
        else
            look();
        return;
    }
    const ListedUpload upload = m_orphans.takeFirst();
    m_client.abortUpload(upload.key, upload.uploadId, this, [this](const S3Result<Nothing> &gone) {
        if (!gone) {
            Q_EMIT failed(gone.error());
            return;
        }
        ++m_aborted;
        abortNext();
    });
}

bool OrphanedUploads::isOrphan(const ListedUpload &upload) const
{
    const ParsedKey key = parseKey(upload.key);
    // An id looks like the name of many a folder.
    const bool ours = key.form == ParsedKey::Form::Own || m_charmIds.contains(key.charmId);
    if (!ours || m_memory.knows(upload.key, upload.uploadId))
        return false;
    // A server that does not say when it was begun leaves it to a person.
    return upload.begun.count() > 0 && upload.begun + m_age <= m_client.session().serverTime();
}

} // namespace cring::backup
