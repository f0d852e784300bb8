// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/health/primary.h"
#include "core/http/connectionquota.h"
#include "core/http/listener.h"
#include "core/ssh/session.h"
#include "core/ssh/standbyserver.h"

#include <vector>

namespace cring::ssh {

/// The SSH front: forwards TCP to the primary Charm server, whole and unread, for public-key authentication
/// is bound to the SSH session and cannot be relayed. Passes on half-closed connections, holds at most one
/// buffer's worth of bytes for a peer that does not read, and keeps an idle session for at least 3 minutes
/// (charm link waits twice 60 s).
///
/// A new session goes to the first of the primary's candidates that sends an SSH identification line in time;
/// an open one never moves. Where none does, the standby server takes it, if there is one; a closed standby
/// (StandbyServer::closed()) takes all of them. Lives on the event loop's thread.
class Forwarder final : public QObject
{
    Q_OBJECT

public:
    struct Stats
    {
        int open = 0;          ///< Committed to a server, now.
        int pending = 0;       ///< Looking for a server, or being refused, now.
        quint64 accepted = 0;  ///< Since the start; so are the following.
        quint64 served = 0;    ///< Reached a server, or the standby.
        quint64 stoodIn = 0;   ///< Of these, the standby.
        quint64 overLimit = 0; ///< Closed at once: too many connections.
        quint64 unserved = 0;  ///< No server could be had.
        quint64 bytesToServers = 0;
        quint64 bytesToClients = 0;
    };

    /// No setting goes below this; tests do.
    static constexpr std::chrono::milliseconds kShortestIdleTime{180'000};

    /// `primary` and `clock` must outlive the forwarder. `shortestIdleTime` is for tests alone.
    Forwarder(health::Primary &primary, const config::Timing &timing, const config::Limits &limits,
              const IClock &clock, QObject *parent = nullptr,
              std::chrono::milliseconds shortestIdleTime = kShortestIdleTime);
    ~Forwarder() override;

    /// `endpoint` as http::Listener has it; its errors.
    Status listen(const QString &endpoint);

    /// For new sessions; null: none. It outlives the forwarder, or the next call and every session.
    void setStandby(StandbyServer *standby) { m_standby = standby; }

    /// For new sessions.
    void setTiming(const config::Timing &timing);

    /// Some session was started when these were the primary's.
    bool uses(const health::BackendSet &backends) const;

    /// 0 when not listening.
    quint16 port() const { return m_listener.port(); }

    QStringList endpoints() const { return m_listener.endpoints(); }

    /// Accepts no more; sessions go on until they end or `limit` is over, then drained() is emitted (from the
    /// event loop, even if there are none).
    void drain(std::chrono::milliseconds limit);
    /// Accepts no more and cuts every session, now.
    void stop();

    Stats stats() const;
    /// The standby has had the last session, though servers are to have them.
    bool isStandingIn() const { return m_standingIn; }

Q_SIGNALS:
    void drained();
    /// A client was sent away; `reasons` say of each server why.
    void unserved(const QString &reasons);
    /// The standby has a session, for the first time since a server had one; `reasons` as above. Not emitted
    /// for a closed one.
    void standbyBegan(const QString &reasons);
    /// A server has a session again.
    void standbyEnded();

private:
    void handleAccepted(qintptr descriptor);
    void handleOpened(const Session &session);
    void handleFinished(Session *session);

    health::Primary &m_primary;
    const IClock &m_clock;
    const std::chrono::milliseconds m_shortestIdleTime;
    SessionTiming m_timing{};
    StandbyServer *m_standby = nullptr;
    http::ConnectionQuota m_quota;
    http::Listener m_listener;
    std::vector<char> m_scratch;
    std::vector<std::unique_ptr<Session>> m_sessions;
    QTimer m_drainTimer;
    bool m_draining = false;
    bool m_standingIn = false;
    Stats m_past; ///< Of sessions that are over; open and pending are not used.
};

} // namespace cring::ssh
