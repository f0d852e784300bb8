// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3walk.h"
#include "core/backup/uploadmemory.h"

#include <QSet>

namespace cring::backup {

/// Aborts the multipart uploads that nobody goes on with: their parts cost money, and no listing of objects
/// shows them. Those are uploads to keys of these accounts, and to those that are nobody's file, that the
/// memory does not know and that were begun `age` ago or earlier, by the server's clock; another service that
/// shares the bucket has so much time for one. Other keys are never touched: they may be anybody's.
///
/// Lives on the event loop's thread; client and memory outlive it. Begins at once; exactly one of finished()
/// and failed() ends it, unless it is destroyed first. Memory: one page of the listing.
class OrphanedUploads final : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds kAge = std::chrono::hours(24);

    OrphanedUploads(S3Client &client, const UploadMemory &memory, QSet<QByteArray> charmIds,
                    std::chrono::milliseconds age = kAge, QObject *parent = nullptr);

Q_SIGNALS:
    void finished(int aborted);
    void failed(const cring::backup::S3Error &error);

private:
    void look();
    void abortNext();
    bool isOrphan(const ListedUpload &upload) const;

    S3Client &m_client;
    const UploadMemory &m_memory;
    const QSet<QByteArray> m_charmIds;
    const std::chrono::milliseconds m_age;
    UploadWalk m_walk;
    QList<ListedUpload> m_orphans; ///< Of the page.
    int m_aborted = 0;
};

} // namespace cring::backup
