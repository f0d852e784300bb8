// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/http/connectionquota.h"
#include "core/ssh/bannerscanner.h"
#include "core/ssh/dialler.h"
#include "core/ssh/pump.h"

#include <memory>
#include <optional>

namespace cring::health {
class Backend;
class BackendSet;
class Primary;
} // namespace cring::health

namespace cring::ssh {

class StandbyServer;

/// How long a session waits, and for what.
struct SessionTiming
{
    std::chrono::milliseconds connect;
    std::chrono::milliseconds banner; ///< From the connection to the server's identification line.
    std::chrono::milliseconds idle;   ///< Without a byte in either direction.
    /// For a client that is refused to read why and hang up.
    std::chrono::milliseconds farewell{2'000};
};

/// One client's connection, from accept to close. Tries the primary's candidates in turn until one sends its
/// SSH identification line; from then on the session stays there. What the client says meanwhile is sent to
/// each server that is tried, for some clients speak first. Where none can be had, the standby server gets
/// the session in the same way.
///
/// Ends in finished(), after which it must be destroyed in a later turn of the loop. Destroying it earlier
/// cuts both connections.
class Session final : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Dialling,       ///< No connection to the server being tried yet.
        AwaitingBanner, ///< Connected; it has not shown that it lives.
        Open,           ///< Committed to a server or the standby: bytes go both ways.
        Refusing,       ///< No server answered, or the standby has ended it: the client is being told.
        Over,
    };

    /// What a session needs from around it; all of it outlives the session.
    struct Context
    {
        health::Primary &primary;
        const IClock &clock;
        SessionTiming timing;
        std::span<char> scratch;
        StandbyServer *standby = nullptr; ///< May be null.
    };

    Session(std::unique_ptr<SocketEnd> client, http::ConnectionQuota::Ticket ticket, const Context &context,
            QObject *parent = nullptr);

    ~Session() override;

    void start();

    State state() const { return m_state; }

    /// Those that were configured when it was started: they must outlive it.
    const health::BackendSet &backends() const { return *m_backends; }

    /// Null unless Open at a server.
    health::Backend *backend() const { return m_committed; }

    /// Why the servers that were tried did not serve.
    QString reasons() const;

    /// It has been Open.
    bool served() const { return m_up != nullptr; }

    quint64 bytesToServer() const { return m_up ? m_up->moved() : 0; }

    quint64 bytesToClient() const { return m_down ? m_down->moved() : 0; }

Q_SIGNALS:
    void opened();
    /// No server could be had; finished() follows when the client has read why.
    void refused(const QString &reasons);
    void finished();

private:
    void enter(State next);
    QString partner() const;

    void tryNext();
    void handleConnected();
    void attemptFailed(const QString &reason, bool blameless = false);
    void dropAttempt();

    void handleClientReadable();
    void handleClientWritable();
    void handleServerReadable();
    void handleServerWritable();
    void readAhead();
    void sendAhead();
    void readBanner();
    void commit();
    bool handToStandby();
    void open(const QByteArray &fromServer);
    void pumped(bool alive);
    void discardClientBytes();

    void refuse();
    void letGo();
    void handleTimer();
    void leave();
    void finish();

    Context m_context;
    http::ConnectionQuota::Ticket m_ticket;
    State m_state = State::Dialling;
    QTimer m_timer; ///< The banner's, then the idle limit's, or the farewell's.
    std::chrono::milliseconds m_lastActivity{0};

    std::optional<http::ConnectionQuota::Ticket> m_standbyTicket;
    std::unique_ptr<SocketEnd> m_client;
    QByteArray m_ahead; ///< What the client said before a server was found.
    bool m_clientEnded = false;

    const health::BackendSet *m_backends;
    QList<health::Backend *> m_candidates; ///< Not tried yet.
    health::Backend *m_trying = nullptr;
    health::Backend *m_committed = nullptr;
    QStringList m_reasons; ///< Why the servers tried so far did not serve.
    std::unique_ptr<Dialler> m_dialler;
    std::unique_ptr<SocketEnd> m_server;
    BannerScanner m_banner;
    qsizetype m_aheadSent = 0; ///< Of m_ahead, to the server being tried.

    std::unique_ptr<Pump> m_up;
    std::unique_ptr<Pump> m_down;
};

} // namespace cring::ssh
