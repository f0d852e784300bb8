// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/bodysource.h"
#include "core/backup/partset.h"
#include "core/backup/s3client.h"

namespace cring::backup {

/// Where the bytes of a multipart upload go, and come from.
struct PartTarget
{
    QByteArray key;
    QByteArray uploadId;
    std::shared_ptr<IBodySource> body;
};

/// Asks the server which parts of an upload it has, and sets those that are the body's: by their SHA-256, or
/// where it keeps none by their MD5, which is read for it. What cannot be told is taken for missing.
///
/// Lives on the event loop's thread; client and parts outlive it. `done` is called once, unless this is
/// destroyed first.
class PartLook final : public QObject
{
    Q_OBJECT

public:
    PartLook(S3Client &client, PartTarget target, PartSet &parts, Done<Nothing> done, QObject *parent);

private:
    void ask(int marker);
    void handlePage(int marker, const S3Result<PartPage> &page);
    void judge(const Part &part);
    void compareNext();
    void end(S3Result<Nothing> result);

    S3Client &m_client;
    const PartTarget m_target;
    PartSet &m_parts;
    Done<Nothing> m_done;
    QList<Part> m_unproven; ///< Without SHA-256, and with what may be an MD5.
};

} // namespace cring::backup
