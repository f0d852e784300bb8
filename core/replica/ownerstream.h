// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/pool.h"
#include "core/replica/environment.h"

namespace cring::replica {

/// One server's side of an upload: its connection, the 100 it must send first, its bounded window, its tail.
class OwnerStream final : public QObject, private http::IExchangeEvents
{
    Q_OBJECT

public:
    enum class State {
        Preparing, ///< The head is out, 100 has not come. The body flows, up to the window, and is kept for a
                   ///< replay: the connection may have been dead, or the account missing there.
        Open,      ///< 100 came: the server reads. The rest of the body flows; the tail is held back.
        TailSent,  ///< From here on the server may store it.
        Late,      ///< No answer in time. It may still act: its connection is kept until it answers or dies.
        Stored,    ///< 2xx to the whole body.
        Refused,   ///< It said no and kept what it had: an answer before the tail, or a 4xx after it.
        Failed,    ///< Lost, or let go of, before the tail: it keeps what it had.
        InDoubt,   ///< 5xx, or lost, after the tail: old, new, half, or gone.
    };
    Q_ENUM(State)

    /// Bytes that a server may lag behind the client.
    static constexpr qint64 kWindow = 256 * 1024;

    OwnerStream(Environment &environment, health::Backend &backend, ObjectKey key, QObject *parent);
    ~OwnerStream() override;

    void start(const http::RequestHead &head);
    /// The next piece of the body, framed. Shares it.
    void offer(const QByteArray &data);
    /// The last piece, which goes out as soon as the server is ready() and no earlier write to the same path
    /// is unanswered there. Takes the place in that queue now, so that a later write cannot get between. The
    /// answer is waited for `answerTimeout`.
    void release(const QByteArray &tail, std::chrono::milliseconds answerTimeout);
    /// Lets it go before the tail, with the reason for people. Nothing is stored.
    void drop(const QString &reason, bool itsFault);
    /// The same, because it keeps others waiting.
    void dropAsSlow() { drop(QStringLiteral("was too slow to take the file"), true); }

    health::Backend &backend() const { return m_backend; }
    State state() const { return m_state; }
    /// Has got 100 and taken (nearly) all that was offered: a quorum of these releases the tails.
    bool ready() const;
    /// The window is full: the client has to wait for it.
    bool blocked() const;
    /// Preparing or Open: it can still be waited for without harm, or let go of.
    bool beforeTail() const { return m_state <= State::Open; }
    /// Still to be heard of by the upload: neither a final state nor Late.
    bool undecided() const { return m_state <= State::TailSent; }
    /// Nothing more will happen here.
    bool settled() const { return m_state >= State::Stored; }

    int status() const { return m_status; }
    const QByteArray &answerBody() const { return m_body; }
    const QByteArray &answerType() const { return m_contentType; }
    /// Why it has not stored, to follow the server's name; empty while nothing is held against it.
    const QString &reason() const { return m_reason; }

    // The upload's account.
    bool stalls = false;                  ///< It was blocked at the last look.
    std::chrono::milliseconds stalled{0}; ///< Pauses that it has caused so far.

Q_SIGNALS:
    /// state(), ready() or blocked() may be another.
    void changed();

private:
    void handleContinue() override;
    void handleHead(const http::ResponseHead &head) override;
    void handleBody(const QByteArray &data) override;
    void handleFinished() override;
    void handleWritable() override;
    void handleFailed(const Error &error) override;
    void handleTimeout();
    void bringAccount();
    void handleBrought(bool isThere);
    void connectAndSend(http::Pool::Want want);
    void sendTailIfReady();
    void setState(State state);
    void letGo(bool itsFault = false);

    Environment &m_environment;
    health::Backend &m_backend;
    ObjectKey m_key;
    health::Load m_load;
    QPointer<http::ClientConnection> m_connection;
    Lanes::Hold m_lane;
    QTimer m_timer;
    QByteArray m_head;
    QByteArray m_requestId;     ///< Of the client's.
    QList<QByteArray> m_replay; ///< What was offered before 100 came, for a connection that was dead.
    qint64 m_replayBytes = 0;
    std::optional<QByteArray> m_tail; ///< Set by release().
    std::chrono::milliseconds m_answerTimeout{0};
    State m_state = State::Preparing;
    bool m_bringing = false;   ///< Preparing: the account is on its way to the server; nothing is sent.
    bool m_wasBrought = false; ///< That has been tried.
    bool m_early = false;      ///< The answer began before the tail: no receipt for the whole.
    int m_status = 0;
    QByteArray m_contentType;
    QByteArray m_body;
    QString m_reason;
};

} // namespace cring::replica
