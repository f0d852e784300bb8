// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/objectdownload.h"
#include "core/backup/objectname.h"

namespace cring::backup {

/// Asks which path a hashed object is, by its metadata or, where the path is too long for that, by its body
/// or its name object's. One run, on the event loop's thread. The client outlives it; destroyed before:
/// called off.
class HashedAsk final : public QObject
{
    Q_OBJECT

public:
    /// `versionId`: "" for the current one. A file's name object is always the current one.
    HashedAsk(S3Client &client, const ListedObject &object, const QByteArray &versionId = {});

    void start();

    const ListedObject &object() const { return m_object; }
    const ObjectHead &head() const { return m_head; }
    bool isFolder() const { return m_parsed.kind == ObjectKind::Folder; }

Q_SIGNALS:
    /// Once. Kind::ObjectMissing: it has gone meanwhile.
    void finished(const cring::backup::S3Result<QByteArray> &path);

private:
    void readBody();
    void handleBody();

    S3Client &m_client;
    const ListedObject m_object;
    const QByteArray m_versionId;
    const ParsedKey m_parsed;
    ObjectHead m_head;
    std::unique_ptr<ObjectDownload> m_download;
    QByteArray m_body;
};

} // namespace cring::backup
