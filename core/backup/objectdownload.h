// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/runningdigest.h"
#include "core/backup/s3client.h"

namespace cring::backup {

/// An object on its way from the bucket, its bytes checked by what it says of itself, and by what is known of
/// it here.
///
/// Lives on the event loop's thread; the client outlives it. Exactly one of finished() and failed() ends it,
/// unless it is destroyed first, which calls it off. Bytes are handed on as they come: what they are worth is
/// known with finished(). Memory: a MiB at most, paused or not.
class ObjectDownload final : public QObject
{
    Q_OBJECT

public:
    ObjectDownload(S3Client &client, const GetRequest &request, QObject *parent = nullptr);

    /// SHA-256 of the whole body, 32 bytes; empty: it is not known. At once.
    void setExpected(const QByteArray &sha256) { m_expected = sha256; }

    /// Counted.
    void pause();
    void resume();

    /// Whether there was a digest to compare with: not for a range, or an object that somebody else stored.
    bool verified() const { return m_verified; }

Q_SIGNALS:
    void started(const cring::backup::ObjectHead &head);
    void bodyReceived(const QByteArray &data);
    void finished();
    void failed(const cring::backup::S3Error &error);

private:
    void handleHead(const http::ResponseHead &head);
    void handleBody(const QByteArray &data);
    void handleDone(const S3Result<http::Response> &answer);
    void handleAdvanced();
    bool isCompared() const;
    void judge(const QByteArray &digest);
    void refuse(S3Error::Kind kind, const QString &words);

    S3Client &m_client;
    bool m_whole;
    QByteArray m_expected;
    QPointer<S3Call> m_call;
    RunningDigest m_digest;
    ObjectHead m_head;
    qint64 m_received = 0;
    bool m_held = false; ///< Paused by the digest.
    bool m_verified = false;
};

} // namespace cring::backup
