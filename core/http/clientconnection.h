// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/parser.h"

#include <QPointer>
#include <QSslConfiguration>
#include <QTcpSocket>
#include <QTimer>

#include <chrono>

namespace cring::http {

/// Where a connection goes.
struct Origin
{
    QString host;
    quint16 port = 0;
    bool tls = false;
    QSslConfiguration ssl = {};
    std::chrono::milliseconds connectTimeout{1'500};

    /// "host:port", as the Host field wants it.
    QByteArray authority() const;
};

/// What went over the connections to one server, since the start.
struct Traffic
{
    quint64 requests = 0;
    quint64 failures =
        0; ///< Connections lost, never made, and given up for a time-out, with a request unanswered.
    quint64 bytesSent = 0;     ///< Heads and bodies.
    quint64 bytesReceived = 0; ///< Heads and bodies.
};

/// What an exchange is told by its connection. Calls come from the event loop, never out of a call into the
/// connection. A handler may abort() the connection; it must not delete it (deleteLater is what the
/// connection does itself).
class IExchangeEvents
{
public:
    virtual ~IExchangeEvents() = default;
    /// "100 Continue" came: the server's handler has begun to read.
    virtual void handleContinue() = 0;
    /// The final answer's head. It may come before the request has been sent.
    virtual void handleHead(const ResponseHead &head) = 0;
    virtual void handleBody(const QByteArray &data) = 0;
    /// The answer is complete. The connection is free for another exchange only when the request is, too.
    virtual void handleFinished() = 0;
    /// pending() fell to the low-water mark.
    virtual void handleWritable() = 0;
    /// The connection is dead; nothing more comes. `request may have been delivered` unless sentNothing() was
    /// true.
    virtual void handleFailed(const Error &error) = 0;
};

/// One connection to a server, as a client: an exchange at a time, kept open between them.
///
/// Lives on the event loop's thread. Owned by its Pool until closed; deletes itself in a later turn of the
/// loop.
class ClientConnection final : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Connecting, ///< begin() is allowed; bytes wait until the connection stands.
        Idle,       ///< begin() is allowed.
        Busy,       ///< An exchange is under way, in either direction.
        Closed,     ///< Nothing is allowed any more.
    };

    static constexpr qint64 kLowWater = 64 * 1024;

    /// `traffic`, if any, is added to; it outlives the connection.
    ClientConnection(const Origin &origin, QObject *parent, Traffic *traffic = nullptr);
    ~ClientConnection() override;

    State state() const { return m_state; }

    /// True when an exchange was completed on it before: the server may have closed it unseen.
    bool reused() const { return m_exchanges > 1; }

    /// A byte of an answer to the current exchange has come.
    bool answered() const { return m_answered; }

    /// Starts an exchange. `noResponseBody`: for HEAD. `events` must outlive the exchange or detach().
    void begin(IExchangeEvents *events, const QByteArray &head, bool noResponseBody = false);
    /// A piece of the request's body, already framed. Shares the data, unless it is small.
    void write(const QByteArray &data);
    /// The request is complete.
    void endRequest();
    /// Bytes written and not yet taken by the kernel.
    qint64 pending() const;

    /// Counted: reading goes on when every pause was resumed.
    void pauseReading();
    void resumeReading();

    /// Nobody is told any more. The exchange goes on; when it ends well the connection is idle again.
    void detach() { m_events = nullptr; }

    /// Closes at once, tells nobody.
    void abort();
    /// The same for a server that has let its time run out: that is a failure.
    void giveUp();

Q_SIGNALS:
    /// Both directions of an exchange are done and the server keeps the connection.
    void becameIdle();
    void closed();

private:
    void handleConnected();
    void handleReadyRead();
    void handleBytesWritten();
    void handleDisconnected();
    void handleSocketError();
    void consume(const QByteArray &chunk);
    bool handleStep(const Parser::Step &step, const QByteArray &chunk, bool more);
    void finishResponse();
    void boundRest();
    void countFailure();
    void completeIfDone();
    void fail(const Error &error);
    void setState(State state);

    Origin m_origin;
    Traffic *m_traffic;
    QTcpSocket *m_socket;
    QTimer m_connectTimer;
    ResponseParser m_parser;
    IExchangeEvents *m_events = nullptr;
    State m_state = State::Connecting;
    QByteArray m_input;        ///< Read and not consumed: an incomplete head or chunk header.
    QList<QByteArray> m_early; ///< Written before the connection stood.
    qint64 m_earlyBytes = 0;
    int m_exchanges = 0;
    int m_pauses = 0;
    bool m_requestDone = false;
    bool m_responseDone = false;
    bool m_answered = false;
    bool m_keepAlive = true;
    bool m_overLowWater = false;
};

} // namespace cring::http
