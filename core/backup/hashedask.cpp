// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/hashedask.h"

#include "core/backup/s3document.h"

namespace cring::backup {

namespace {

constexpr qsizetype kMaxPath = 4096;

} // namespace

HashedAsk::HashedAsk(S3Client &client, const ListedObject &object, const QByteArray &versionId)
    : m_client(client)
    , m_object(object)
    , m_versionId(versionId)
    , m_parsed(parseKey(object.key))
{
}

void HashedAsk::start()
{
    m_client.head(m_object.key, m_versionId, this, [this](const S3Result<ObjectHead> &head) {
        if (!head) {
            Q_EMIT finished(head.error());
            return;
        }
        m_head = *head;
        const QByteArray field = m_head.metadata.value(kPathField);
        if (const auto path = pathOf(m_parsed, field, false); path && (!field.isEmpty() || isFolder()))
            Q_EMIT finished(*path);
        else
            readBody();
    });
}

void HashedAsk::readBody()
{
    GetRequest request;
    request.key = isFolder() ? m_object.key : m_object.key + ".name";
    if (isFolder())
        request.versionId = m_versionId;
    m_download = std::make_unique<ObjectDownload>(m_client, request);
    connect(m_download.get(), &ObjectDownload::bodyReceived, this, [this](const QByteArray &data) {
        m_body += data.first(std::min(data.size(), kMaxPath + 1 - m_body.size()));
    });
    connect(m_download.get(), &ObjectDownload::finished, this, &HashedAsk::handleBody);
    connect(m_download.get(), &ObjectDownload::failed, this,
            [this](const S3Error &error) { Q_EMIT finished(error); });
}

void HashedAsk::handleBody()
{
    if (const auto path = pathOf(m_parsed, m_body, true))
        Q_EMIT finished(*path);
    else
        Q_EMIT finished(
            m_client.session().named(senseless(QStringLiteral("an object's path does not belong to its key")),
                                     QStringLiteral("GetObject")));
}

} // namespace cring::backup
