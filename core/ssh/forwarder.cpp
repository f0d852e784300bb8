// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/forwarder.h"

#include <QLoggingCategory>

#include <algorithm>

namespace cring::ssh {
using std::chrono::milliseconds;

namespace {
Q_LOGGING_CATEGORY(logForwarder, "cring.ssh")

/// One for all sessions. Larger gains nothing on loopback, and this much is kept for a client that does not
/// read.
constexpr size_t kScratchBytes = 64 * 1024;
} // namespace

Forwarder::Forwarder(health::Primary &primary, const config::Timing &timing, const config::Limits &limits,
                     const IClock &clock, QObject *parent, milliseconds shortestIdleTime)
    : QObject(parent)
    , m_primary(primary)
    , m_clock(clock)
    , m_shortestIdleTime(shortestIdleTime)
    , m_quota(limits.connections, limits.connectionsPerAddress)
    , m_scratch(kScratchBytes)
{
    setTiming(timing);
    m_drainTimer.setSingleShot(true);
    connect(&m_drainTimer, &QTimer::timeout, this, &Forwarder::stop);
    connect(&m_listener, &http::Listener::accepted, this, &Forwarder::handleAccepted);
}

Forwarder::~Forwarder() = default;

Status Forwarder::listen(const QString &endpoint)
{
    return m_listener.listen(endpoint);
}

void Forwarder::drain(milliseconds limit)
{
    m_listener.close();
    m_draining = true;
    m_drainTimer.start(m_sessions.empty() ? milliseconds(0) : limit);
}

void Forwarder::stop()
{
    m_listener.close();
    m_drainTimer.stop();
    m_sessions.clear();
    if (std::exchange(m_draining, false))
        Q_EMIT drained();
}

void Forwarder::setTiming(const config::Timing &timing)
{
    m_timing.connect = timing.connectTimeout;
    m_timing.banner = timing.sshBannerTimeout;
    m_timing.idle = std::max(timing.sshIdleTime, m_shortestIdleTime);
}

bool Forwarder::uses(const health::BackendSet &backends) const
{
    return std::any_of(m_sessions.begin(), m_sessions.end(),
                       [&](const auto &session) { return &session->backends() == &backends; });
}

Forwarder::Stats Forwarder::stats() const
{
    Stats stats = m_past;
    for (const auto &session : m_sessions) {
        ++(session->served() ? stats.open : stats.pending);
        stats.bytesToServers += session->bytesToServer();
        stats.bytesToClients += session->bytesToClient();
    }
    return stats;
}

void Forwarder::handleAccepted(qintptr descriptor)
{
    auto client = std::make_unique<SocketEnd>(UniqueFd(static_cast<int>(descriptor)));
    ++m_past.accepted;
    const QHostAddress peer = client->peerAddress();
    std::optional<http::ConnectionQuota::Ticket> ticket = m_quota.admit(peer);
    if (!ticket) {
        ++m_past.overLimit;
        qCDebug(logForwarder, "too many connections: one from %s is closed", qUtf8Printable(peer.toString()));
        return;
    }
    auto session =
        std::make_unique<Session>(std::move(client), std::move(*ticket),
                                  Session::Context{m_primary, m_clock, m_timing, m_scratch, m_standby});
    Session *raw = session.get();
    connect(raw, &Session::opened, this, [this, raw] { handleOpened(*raw); });
    connect(raw, &Session::refused, this, [this](const QString &reasons) {
        ++m_past.unserved;
        Q_EMIT unserved(reasons);
    });
    connect(raw, &Session::finished, this, [this, raw] { handleFinished(raw); });
    m_sessions.push_back(std::move(session));
    raw->start();
}

void Forwarder::handleOpened(const Session &session)
{
    ++m_past.served;
    const bool standby = session.backend() == nullptr;
    if (standby)
        ++m_past.stoodIn;
    if ((m_standby && m_standby->closed()) || std::exchange(m_standingIn, standby) == standby)
        return;
    if (standby)
        Q_EMIT standbyBegan(session.reasons());
    else
        Q_EMIT standbyEnded();
}

void Forwarder::handleFinished(Session *session)
{
    const auto found = std::find_if(m_sessions.begin(), m_sessions.end(),
                                    [session](const auto &owned) { return owned.get() == session; });
    m_past.bytesToServers += session->bytesToServer();
    m_past.bytesToClients += session->bytesToClient();
    found->release()->deleteLater();
    m_sessions.erase(found);
    if (m_draining && m_sessions.empty())
        m_drainTimer.start(milliseconds(0));
}

} // namespace cring::ssh
