// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/objectdownload.h"

namespace cring::backup {

namespace {

constexpr qint64 kBehind = 512 * 1024;

} // namespace

ObjectDownload::ObjectDownload(S3Client &client, const GetRequest &request, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_whole(request.start == 0 && request.end < 0)
    , m_call(
          client.get(request, this, [this](const S3Result<http::Response> &answer) { handleDone(answer); }))
    , m_digest(Hash::Sha256, client.session().workers())
{
    connect(m_call, &S3Call::headReceived, this, &ObjectDownload::handleHead);
    connect(m_call, &S3Call::bodyReceived, this, &ObjectDownload::handleBody);
    connect(&m_digest, &RunningDigest::advanced, this, &ObjectDownload::handleAdvanced);
}

void ObjectDownload::pause()
{
    if (m_call)
        m_call->pause();
}

void ObjectDownload::resume()
{
    if (m_call)
        m_call->resume();
}

void ObjectDownload::handleHead(const http::ResponseHead &head)
{
    m_head = readObjectHead(head.headers);
    Q_EMIT started(m_head);
}

void ObjectDownload::handleBody(const QByteArray &data)
{
    m_received += data.size();
    if (isCompared()) {
        m_digest.add(data);
        if (!m_held && m_digest.behind() > kBehind && m_call) {
            m_held = true;
            m_call->pause();
        }
    }
    Q_EMIT bodyReceived(data);
}

bool ObjectDownload::isCompared() const
{
    return m_whole && !(m_expected.isEmpty() && m_head.sha256.isEmpty());
}

void ObjectDownload::handleAdvanced()
{
    if (m_held && m_digest.behind() <= kBehind / 2) {
        m_held = false;
        if (m_call)
            m_call->resume();
    }
}

void ObjectDownload::handleDone(const S3Result<http::Response> &answer)
{
    if (!answer) {
        Q_EMIT failed(answer.error());
        return;
    }
    if (m_whole && m_head.size >= 0 && m_received != m_head.size) {
        refuse(S3Error::Kind::Protocol,
               QStringLiteral("%1 bytes came of %2").arg(m_received).arg(m_head.size));
        return;
    }
    if (!isCompared()) {
        Q_EMIT finished();
        return;
    }
    m_digest.finish([this](const QByteArray &digest) { judge(digest); });
}

void ObjectDownload::judge(const QByteArray &digest)
{
    for (const QByteArray &wanted : {m_head.sha256, m_expected}) {
        if (wanted.isEmpty() || digest == wanted)
            continue;
        refuse(S3Error::Kind::Digest, QStringLiteral("SHA-256 is %1…, not %2…")
                                          .arg(QString::fromLatin1(digest.left(4).toHex()),
                                               QString::fromLatin1(wanted.left(4).toHex())));
        return;
    }
    m_verified = true;
    Q_EMIT finished();
}

void ObjectDownload::refuse(S3Error::Kind kind, const QString &words)
{
    S3Error error;
    error.kind = kind;
    error.message = words;
    Q_EMIT failed(m_client.session().named(std::move(error), QStringLiteral("GetObject")));
}

} // namespace cring::backup
