// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/uploadmemory.h"

namespace cring::backup {

UploadMemory::UploadMemory(state::BackupUploads &uploads, QByteArray target, QObject *parent)
    : QObject(parent)
    , m_uploads(uploads)
    , m_target(std::move(target))
{
}

std::optional<state::BackupUpload> UploadMemory::find(const QByteArray &key) const
{
    return m_uploads.find(m_target, key);
}

bool UploadMemory::knows(const QByteArray &key, const QByteArray &uploadId) const
{
    const auto known = find(key);
    return known && known->uploadId == uploadId;
}

void UploadMemory::forget(const QByteArray &key, const QByteArray &uploadId)
{
    if (knows(key, uploadId))
        m_uploads.forget(m_target, key);
}

void UploadMemory::discard(S3Client &client, const QByteArray &key)
{
    const auto known = find(key);
    if (!known)
        return;
    const QByteArray id = known->uploadId;
    // Forgotten at once: whether the server does it or not, nobody goes on with it.
    forget(key, id);
    client.abortUpload(key, id, this, [](const S3Result<Nothing> &) {});
}

} // namespace cring::backup
