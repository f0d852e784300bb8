// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/accountsnapshot.h"
#include "core/backup/s3walk.h"

namespace cring::backup {

/// Brings one sealed snapshot to a bucket, and takes away those that need not be kept any more.
///
/// Lives on the event loop's thread; the client outlives it. Exactly one of stored() and failed(), and after
/// stored() ended(), unless it is destroyed first, which calls it off. Old ones that could not be taken away
/// are met by the next upload.
class SnapshotUpload final : public QObject
{
    Q_OBJECT

public:
    SnapshotUpload(S3Client &client, QByteArray key, const QByteArray &sealed, qint64 nowMs,
                   QObject *parent = nullptr);

Q_SIGNALS:
    void stored();
    void failed(const cring::Error &error);
    void ended();

private:
    void list();
    void drop();

    S3Client &m_client;
    const QByteArray m_key;
    const qint64 m_nowMs;
    ObjectWalk m_walk;
    QList<QByteArray> m_keys;
};

} // namespace cring::backup
