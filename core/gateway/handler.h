// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/serverconnection.h"
#include "core/replica/answers.h"
#include "core/replica/environment.h"
#include "core/telemetry/counters.h"

namespace cring::gateway {

/// What the ring itself answers when it cannot bring enough servers together.
inline constexpr int kTooFewServers = 503;

/// What every request's handler has: its connection, as long as the client is there, and one answer to give.
///
/// Made by the router for one request, deletes itself (later) when it has answered or the client is gone.
/// Whatever work goes on behind the answer belongs to core/replica.
class Handler : public QObject, public http::IRequestEvents
{
    Q_OBJECT

public:
    Handler(replica::Environment &environment, http::ServerConnection *connection, telemetry::Kind kind,
            QObject *parent);
    ~Handler() override;

    /// Called once, after the connection has been given this handler.
    virtual void begin() = 0;
    /// When the request came, on the steady clock: it may have waited before it got its handler.
    void setBegun(std::chrono::nanoseconds begun) { m_tally.setBegun(begun); }

protected:
    void handleBody(const QByteArray &) override {}
    void handleRequestEnd() override {}
    void handleWritable() override {}
    void handleClientGone() final;

    /// The client went away before it was answered.
    virtual void handleAbandoned() {}

    /// What was asked for turns out to be something else than it looked like.
    void setKind(telemetry::Kind kind) { m_tally.setKind(kind); }

    /// A whole answer; this handler ends. Nothing happens when the client is gone.
    void answer(const replica::Outcome &outcome, http::Headers headers = {});
    /// A server's answer as it is. Without a body to a HEAD: what it says of a length stands, and no more.
    void relay(const http::Response &response);
    /// After an answer that was streamed: this handler ends.
    void complete(telemetry::Outcome outcome);
    /// The answer cannot be completed: cuts the connection, and ends.
    void cut();

    /// Something about the request that a person should see; the account's.
    void warn(telemetry::Category category, const QString &text, const QByteArray &account) const;

    bool gone() const { return !m_connection; }
    const QByteArray &requestId() const { return m_requestId; }
    http::ServerConnection &connection() { return *m_connection; }

    replica::Environment &m_environment;

private:
    void setOutcome(int status);
    void send(const replica::Outcome &outcome, http::Headers headers);

    void note(const QString &outcome) const;

    QPointer<http::ServerConnection> m_connection;
    const QByteArray m_requestId; ///< For whoever reads the log, after the connection is gone, too.
    telemetry::RequestTally m_tally;
};

} // namespace cring::gateway
