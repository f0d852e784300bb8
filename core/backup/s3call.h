// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/bodysource.h"
#include "core/backup/s3session.h"

namespace cring::backup {

/// One operation, as it is to be sent.
struct CallSpec
{
    QString operation; ///< "PutObject"; for messages.
    QByteArray method;
    QByteArray key; ///< Empty: the bucket itself.
    Query query = {};
    http::Headers headers = {};
    std::shared_ptr<IBodySource> body = {}; ///< None: no body.
    QByteArray sha256 = {};                 ///< Of the body, 32 bytes; empty: made first.
    bool sendChecksum = false;              ///< x-amz-checksum-sha256, for the server to keep.
    bool sha256Metadata = false; ///< The same as metadata of ours: not every server keeps checksums.
    bool streamed = false;       ///< A good answer's body is told by bodyReceived().
    qint64 rangeStart = 0;       ///< streamed: where it begins, and
    qint64 rangeEnd = -1;        ///< its last byte; -1: the object's.
    bool errorIn200 = false;     ///< A 200 may turn out to be an error: joining parts.
};

/// A request to an S3 server with all its attempts: signs, sends, reads, waits and tries again; learns the
/// server's clock and the bucket's region on the way. A download that is cut goes on where it was cut.
///
/// Lives on the event loop's thread. `done` is called once, from the event loop, unless `context` dies or
/// cancel() comes first; deletes itself. The session outlives it.
class S3Call final : public QObject, private http::IExchangeEvents
{
    Q_OBJECT

public:
    enum class State {
        Preparing, ///< The body's digest is made.
        Waiting,   ///< For the time of the next attempt.
        Expecting, ///< The head is out; the body waits for the server's word, a second at most.
        Sending,   ///< The body goes out.
        Answering, ///< The whole request is out; the answer comes.
        Ended,
    };
    Q_ENUM(State)

    S3Call(S3Session &session, CallSpec spec, QObject *context, Done<http::Response> done);
    ~S3Call() override;

    void cancel();
    /// Counted; for what is streamed. A paused call neither reads nor times out.
    void pause();
    void resume();

    State state() const { return m_state; }

    /// Begun so far.
    int attempts() const { return m_attempt; }

    /// SHA-256 of what was sent, once that is known.
    const QByteArray &sha256() const { return m_spec.sha256; }

Q_SIGNALS:
    /// streamed: once, before the first piece.
    void headReceived(const cring::http::ResponseHead &head);
    void bodyReceived(const QByteArray &data);
    /// So much of the request's body is on its way; less than before when it has begun anew.
    void bodyAdvanced(qint64 sent);

private:
    // Of the connection.
    void handleContinue() override;
    void handleHead(const http::ResponseHead &head) override;
    void handleBody(const QByteArray &data) override;
    void handleFinished() override;
    void handleWritable() override;
    void handleFailed(const Error &error) override;

    void setState(State state);
    void prepare();
    void attempt();
    http::RequestHead makeHead() const;
    void addRange(http::Headers &headers) const;
    void beginBody();
    void pump();
    void readPiece(int attempt, qint64 wanted);
    void handlePiece(int attempt, Result<QByteArray> piece);
    void judge();
    bool streamBegins();
    void stream(const QByteArray &data);
    void giveUpAttempt(S3Error error);
    void handleTimeout();
    void touch();
    void dropConnection();
    bool tryAgain(const S3Error &error);
    bool learnt(const S3Error &error);
    std::chrono::milliseconds pauseBefore(const S3Error &error) const;
    S3Error local(S3Error::Kind kind, const QString &message) const;
    void succeed();
    void fail(S3Error error);
    void end(S3Result<http::Response> result);

    S3Session &m_session;
    CallSpec m_spec;
    QPointer<QObject> m_context;
    Done<http::Response> m_done;

    State m_state = State::Preparing;
    QTimer m_timer; ///< The next attempt's time, or the connection's silence.
    QPointer<http::ClientConnection> m_connection;
    int m_attempt = 0;     ///< Number of the one under way.
    int m_failures = 0;    ///< Of those that count against the limit.
    bool m_fresh = false;  ///< The next attempt wants a new connection.
    int m_lessons = 0;     ///< Of the session, when this attempt began.
    int m_corrections = 0; ///< Attempts that were made because of what was learnt.
    bool m_clockTried = false;
    int m_pauses = 0;

    // Of the attempt under way.
    qint64 m_sent = 0;        ///< Of the body.
    qint64 m_pendingSeen = 0; ///< When the timer was started.
    bool m_reading = false;   ///< A piece is being read, or waits for its turn.
    http::ResponseHead m_head;
    bool m_headSeen = false;
    http::Response m_answer;

    // Of what is streamed, across attempts.
    bool m_streamBegun = false;
    bool m_streaming = false; ///< This attempt's answer is part of it.
    qint64 m_delivered = 0;
    qint64 m_skip = 0; ///< Delivered before, and sent again by a server without ranges.
    QByteArray m_etag;
};

} // namespace cring::backup
