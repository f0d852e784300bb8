// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/partsending.h"

#include <numeric>

namespace cring::backup {

PartSending::PartSending(S3Client &client, PartTarget target, PartSet &parts, Done<Nothing> done,
                         QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_target(std::move(target))
    , m_parts(parts)
    , m_done(std::move(done))
{
    QMetaObject::invokeMethod(this, &PartSending::sendMore, Qt::QueuedConnection);
}

void PartSending::sendMore()
{
    while (m_sending.size() < kSideBySide) {
        const int number = m_parts.missingFrom(m_next);
        if (number == 0)
            break;
        m_next = number + 1;
        send(number);
    }
    if (m_sending.isEmpty())
        end(Nothing{});
}

void PartSending::send(int number)
{
    m_sending.insert(number, 0);
    const auto bytes =
        std::make_shared<PartSource>(m_target.body, m_parts.offsetOf(number), m_parts.sizeOf(number));
    S3Call *call =
        m_client.uploadPart(m_target.key, m_target.uploadId, number, bytes, m_parts.sha256Of(number), this,
                            [this, number](const S3Result<Part> &part) { handleSent(number, part); });
    connect(call, &S3Call::bodyAdvanced, this, [this, number](qint64 sent) {
        m_sending[number] = sent;
        tell();
    });
}

void PartSending::handleSent(int number, const S3Result<Part> &part)
{
    if (!m_done)
        return;
    if (!part) {
        end(part.error());
        return;
    }
    m_sending.remove(number);
    m_parts.setStored(number, part->etag);
    sendMore();
}

void PartSending::tell()
{
    if (m_done)
        Q_EMIT progress(std::accumulate(m_sending.cbegin(), m_sending.cend(), m_parts.storedBytes()));
}

void PartSending::end(S3Result<Nothing> result)
{
    deleteLater();
    if (const auto done = std::exchange(m_done, nullptr))
        done(std::move(result));
}

} // namespace cring::backup
