// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3client.h"
#include "core/state/backupuploads.h"

namespace cring::backup {

/// The multipart uploads that were begun at one bucket and have not been seen to end: one a key. Lives on the
/// event loop's thread; `uploads` outlives it.
class UploadMemory final : public QObject
{
    Q_OBJECT

public:
    /// `target`: the bucket's id in the configuration.
    UploadMemory(state::BackupUploads &uploads, QByteArray target, QObject *parent = nullptr);

    std::optional<state::BackupUpload> find(const QByteArray &key) const;

    /// For whoever knows which keys are still wanted.
    QList<state::BackupUpload> all() const { return m_uploads.all(m_target); }

    bool knows(const QByteArray &key, const QByteArray &uploadId) const;
    void remember(const state::BackupUpload &upload) { m_uploads.remember(m_target, upload); }
    /// Unless another one has been begun for the key.
    void forget(const QByteArray &key, const QByteArray &uploadId);
    /// Forgets the key's upload, and asks the server to take away what it has of it. What it does not do now,
    /// OrphanedUploads does some day. The client outlives this.
    void discard(S3Client &client, const QByteArray &key);

private:
    state::BackupUploads &m_uploads;
    const QByteArray m_target;
};

} // namespace cring::backup
