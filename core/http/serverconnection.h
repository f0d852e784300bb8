// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/datefield.h"
#include "core/http/parser.h"

#include <QPointer>
#include <QSocketNotifier>
#include <QTcpSocket>

#include <chrono>

namespace cring::http {

/// What the handler of one request is told by its connection; calls come from the event loop.
class IRequestEvents
{
public:
    virtual ~IRequestEvents() = default;
    virtual void handleBody(const QByteArray &data) = 0;
    /// The request is complete.
    virtual void handleRequestEnd() = 0;
    /// pending() fell to the low-water mark.
    virtual void handleWritable() = 0;
    /// The client is gone, or broke the protocol in its body. The handler must not use the connection any
    /// more.
    virtual void handleClientGone() = 0;
};

/// One client's connection: requests one after another (pipelined ones wait), each given to a handler.
///
/// Lives on the event loop's thread; deletes itself in a later turn after closed(). Bounded: a header is at
/// most `headerBytes`, a body is handed on in pieces of at most 64 KiB, a paused connection reads no further,
/// and the next request is not begun while `kHighWater` of earlier answers wait to be taken.
///
/// A complete answer is not taken back: its connection is closed when the client has got it (RFC 9112 §9.6).
/// An answer that cannot be completed, and a client that stopped taking it, end with a reset.
///
/// A client that closes its sending side before it has its answer counts as gone, as it does with nginx: Qt
/// closes a socket at the end of what can be read, and nothing tells that client from one that was killed.
/// What it has got of an answer is never mistaken for the whole.
class ServerConnection final : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Handshake, ///< TLS.
        Idle,      ///< Between two requests: nothing of the next one has come.
        Header,    ///< A header has begun.
        Request,   ///< A handler has it; its body may still be coming.
        Draining,  ///< Answered before the whole body had come: the rest is read and dropped, within bounds.
        Closing,   ///< The last answer is being written out.
        Lingering, ///< It is the kernel's, our side is closed: the client takes it, and closes its own.
        Closed,
    };

    struct Bounds
    {
        qint64 headerBytes;
        qint64 bodyBytes;
        std::chrono::milliseconds headerTime;
        std::chrono::milliseconds idleTime;
    };

    static constexpr qint64 kLowWater = 64 * 1024;
    static constexpr qint64 kHighWater = 256 * 1024;

    /// Takes the socket; for TLS a QSslSocket with its configuration set, whose handshake this starts. `date`
    /// outlives the connection.
    ServerConnection(QTcpSocket *socket, const Bounds &bounds, DateField &date, QObject *parent);
    ~ServerConnection() override;

    State state() const { return m_state; }

    const RequestHead &request() const { return m_parser.head(); }
    /// Of the request that is under way; the answer has it too. What a client sends as one is no name of
    /// ours.
    const QByteArray &requestId() const { return m_exchange.id; }

    /// Who is told about the current request from now on; nullptr: nobody (the answer has been given).
    void setHandler(IRequestEvents *handler) { m_handler = handler; }
    IRequestEvents *handler() const { return m_handler; }

    /// "100 Continue", once, when the client waits for it.
    void sendContinue();
    /// A whole answer. `headers` without Content-Length; HEAD requests get no body.
    void respond(int status, Headers headers, const QByteArray &body);
    /// Starts a streamed answer. `length` < 0: not known, so chunked (or until close for HTTP/1.0). An answer
    /// to HEAD says the length that GET would get, or none.
    void beginResponse(int status, Headers headers, qint64 length);
    void writeBody(const QByteArray &data);
    void endResponse();

    /// Bytes written and not yet taken by the kernel.
    qint64 pending() const;

    /// Counted: the body is read on when every pause was resumed.
    void pauseReading();
    void resumeReading();

    /// Cuts the connection with a reset, so that no client takes what it got for the whole.
    void abort();
    /// No further request after the one under way, or that has come.
    void closeWhenDone();

    /// Called about twice a second with the steady clock: closes what is over its time.
    void checkDeadline(std::chrono::milliseconds now);

Q_SIGNALS:
    /// A request's head is complete: give it a handler, or answer it, before returning.
    void requestStarted(cring::http::ServerConnection *connection);
    /// The request was not HTTP as we read it; it is answered behind this.
    void malformed(int status, const cring::Error &error);
    void closed();

private:
    /// One request and its answer. Replaced whole, so that nothing of it is taken for the next one's.
    struct Exchange
    {
        QByteArray id;
        bool expectContinue = false; ///< The client waits for 100, which has not been sent.
        bool head = false;           ///< HEAD: the answer has no body, whatever it says.
        bool oldVersion = false;     ///< HTTP/1.0: no chunks.
        bool requestDone = false;
        bool responseStarted = false;
        bool responseDone = false;
        bool bodiless = false;
        bool chunked = false;
        bool overLowWater = false;
        QByteArray responseHead; ///< Until it leaves, with the body's first piece.
    };

    bool reads() const;
    bool hasInput() const;
    void handleReadyRead();
    void handleBytesWritten();
    void handleDisconnected();
    void consume(const QByteArray &chunk);
    void handleStep(const Parser::Step &step, const QByteArray &chunk);
    void beginExchange();
    void writeHead();
    void refuse();
    void finishExchange();
    void beginClosing();
    void lingerWhenWritten();
    void beginLingering();
    void dropInput();
    void closeQuietly();
    void closeNow();
    void giveUp();
    void handleExpired();
    std::chrono::milliseconds allowedWait() const;
    bool progressed();
    int descriptor() const;
    int unacknowledged() const;
    void resetOnClose(bool reset);
    void discardPauses();

    void touch() { m_progress = true; }

    void setState(State state);

    QTcpSocket *m_socket;
    Bounds m_bounds;
    DateField &m_date;
    RequestParser m_parser;
    IRequestEvents *m_handler = nullptr;
    State m_state = State::Idle;
    QByteArray m_input;
    Exchange m_exchange;
    int m_lingering =
        -1; ///< Descriptor of our own, which outlives the socket's: TLS cannot be closed by half.
    QSocketNotifier *m_lingerNotifier = nullptr; ///< Child.
    std::chrono::milliseconds m_since{0};        ///< Of the current wait; set by checkDeadline().
    int m_unacknowledged = 0;                    ///< At the last look.
    int m_pauses = 0;
    bool m_reading = false;
    bool m_progress = true;
    bool m_stateIsNew = true;
    bool m_closeAfter = false;
};

} // namespace cring::http
