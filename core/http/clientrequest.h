// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/pool.h"

namespace cring::http {

/// One request without a streamed body whose answer is streamed: a download, and the base of Exchange.
///
/// Retries once, unseen, when a kept connection dies before the first byte of an answer (and the method
/// allows it). Signals come from the event loop. Delete with deleteLater(); destroying it cancels. Exactly
/// one of finished() and failed() ends it.
class ClientRequest final : public QObject, private IExchangeEvents
{
    Q_OBJECT

public:
    struct Limits
    {
        std::chrono::milliseconds head;  ///< From start() to the answer's head.
        std::chrono::milliseconds stall; ///< Between two pieces of the body, while not paused.
    };

    ClientRequest(Pool &pool, Request request, Limits limits, QObject *parent);
    ~ClientRequest() override;

    void start();
    /// Counted. A paused request neither reads nor times out.
    void pause();
    void resume();

    /// Ends it with failed() for the server's fault: it did not keep to a time. Nothing when it has ended.
    void giveUp(const QString &words);

Q_SIGNALS:
    void headReceived(const cring::http::ResponseHead &head);
    void bodyReceived(const QByteArray &data);
    void finished();
    void failed(const cring::Error &error);

private:
    void handleContinue() override {}

    void handleHead(const ResponseHead &head) override;
    void handleBody(const QByteArray &data) override;
    void handleFinished() override;

    void handleWritable() override {}

    void handleFailed(const Error &error) override;
    void handleTimeout();
    bool retryable() const;
    void note(const QString &what) const;
    void send(Pool::Want want);
    void release();

    QPointer<Pool> m_pool;
    Request m_request;
    Limits m_limits;
    QPointer<ClientConnection> m_connection;
    QTimer m_timer;
    int m_pauses = 0;
    bool m_headSeen = false;
    bool m_retried = false;
    bool m_done = false;
};

} // namespace cring::http
