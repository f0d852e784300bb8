// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/database.h"

#include <QHash>

#include <optional>

namespace cring::state {

/// A multipart upload that was begun at a bucket, and has not been seen to end.
struct BackupUpload
{
    QByteArray key;
    QByteArray uploadId; ///< The server's name for it.
    qint64 partSize = 0; ///< Of all parts but the last, in bytes.
    QByteArray sha256;   ///< Of the whole body, 32 bytes.
    QByteArray metadata; ///< SHA-256 of what was to be the object's metadata.
    qint64 begun = 0;    ///< ms since 1970, UTC.
};

/// Which uploads can go on after a restart, by the bucket and the key: one each. Forgotten in a crash, or in
/// a power cut, an upload is begun anew. One thread.
class BackupUploads final
{
public:
    explicit BackupUploads(Database &database)
        : m_database(database)
    {
    }

    /// Before the event loop runs.
    Status load();
    std::optional<BackupUpload> find(const QByteArray &target, const QByteArray &key) const;
    QList<BackupUpload> all(const QByteArray &target) const;
    /// In the place of another one of that key.
    void remember(const QByteArray &target, const BackupUpload &upload);
    void forget(const QByteArray &target, const QByteArray &key);

private:
    Database &m_database;
    QHash<QByteArray, QHash<QByteArray, BackupUpload>> m_uploads; ///< By target and key.
};

} // namespace cring::state
