// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3client.h"

struct evp_md_ctx_st;

namespace cring::backup {

/// SHA-256 of what comes piece by piece, made on a worker in the order of the pieces.
class RunningSha256 final : public QObject
{
    Q_OBJECT

public:
    explicit RunningSha256(Workers &workers, QObject *parent = nullptr);
    ~RunningSha256() override;

    void add(const QByteArray &piece);
    /// Added and not yet worked in: whoever adds stops while this is much.
    qint64 behind() const { return m_behind; }
    /// Once, after the last piece: 32 bytes.
    void finish(std::function<void(QByteArray)> done);

Q_SIGNALS:
    void advanced();

private:
    struct State;

    void work();

    Workers &m_workers;
    std::shared_ptr<State> m_state; ///< One worker at a time looks into it.
    QList<QByteArray> m_waiting;
    qint64 m_behind = 0;
    bool m_working = false;
    std::function<void(QByteArray)> m_done;
};

/// An object on its way from the bucket, its bytes checked by what it says of itself.
///
/// Lives on the event loop's thread; the client outlives it. Exactly one of finished() and failed() ends it,
/// unless it is destroyed first, which calls it off. Bytes are handed on as they come: what they are worth is
/// known with finished(). Memory: a MiB at most, paused or not.
class ObjectDownload final : public QObject
{
    Q_OBJECT

public:
    ObjectDownload(S3Client &client, const GetRequest &request, QObject *parent = nullptr);

    /// Counted.
    void pause() { m_call->pause(); }
    void resume() { m_call->resume(); }

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
    void judge(const QByteArray &digest);
    void refuse(S3Error::Kind kind, const QString &words);

    S3Client &m_client;
    bool m_whole;
    QPointer<S3Call> m_call;
    RunningSha256 m_digest;
    ObjectHead m_head;
    qint64 m_received = 0;
    bool m_held = false; ///< Paused by the digest.
    bool m_verified = false;
};

} // namespace cring::backup
