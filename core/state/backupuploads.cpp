// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/backupuploads.h"

namespace cring::state {

Status BackupUploads::load()
{
    return m_database.session().each(
        QStringLiteral(
            "SELECT target, key, upload_id, part_size, sha256, metadata, begun FROM backup_uploads"),
        {}, [this](const Row &row) {
            const BackupUpload upload{row.blob(1), row.blob(2), row.int64(3),
                                      row.blob(4), row.blob(5), row.int64(6)};
            m_uploads[row.blob(0)].insert(upload.key, upload);
        });
}

std::optional<BackupUpload> BackupUploads::find(const QByteArray &target, const QByteArray &key) const
{
    const auto uploads = m_uploads.constFind(target);
    if (uploads == m_uploads.constEnd())
        return std::nullopt;
    const auto upload = uploads->constFind(key);
    return upload == uploads->constEnd() ? std::nullopt : std::optional(*upload);
}

QList<BackupUpload> BackupUploads::all(const QByteArray &target) const
{
    return m_uploads.value(target).values();
}

void BackupUploads::remember(const QByteArray &target, const BackupUpload &upload)
{
    m_uploads[target].insert(upload.key, upload);
    m_database.write([target, upload](Session &session) {
        return session.run(QStringLiteral("INSERT OR REPLACE INTO backup_uploads (target, key, upload_id,"
                                          " part_size, sha256, metadata, begun) VALUES (?,?,?,?,?,?,?)"),
                           {target, upload.key, upload.uploadId, upload.partSize, upload.sha256,
                            upload.metadata, upload.begun});
    });
}

void BackupUploads::forget(const QByteArray &target, const QByteArray &key)
{
    const auto uploads = m_uploads.find(target);
    if (uploads == m_uploads.end() || !uploads->remove(key))
        return;
    m_database.write([target, key](Session &session) {
        return session.run(QStringLiteral("DELETE FROM backup_uploads WHERE target = ? AND key = ?"),
                           {target, key});
    });
}

} // namespace cring::state
