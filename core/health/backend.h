// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/health/circuitbreaker.h"
#include "core/health/trustedkey.h"

#include <QObject>
#include <QPointer>

#include <memory>
#include <optional>

namespace cring::http {
class Pool;
}

namespace cring::health {

class Backend;

/// One request under way at a backend, counted for the balancing of reads as long as this lives. May outlive
/// it.
class Load
{
public:
    Load() = default;
    explicit Load(Backend &backend);

    ~Load() { release(); }

    Load(Load &&other) noexcept
        : m_backend(std::move(other.m_backend))
    {
        other.m_backend.clear();
    }

    Load &operator=(Load &&other) noexcept;
    Q_DISABLE_COPY(Load)
    void release();

private:
    QPointer<Backend> m_backend;
};

/// One Charm server as the ring sees it: how to reach it, whether it works, what it signs with. Owned by
/// BackendSet; lives on the event loop's thread. The Monitor writes the verdict, everybody reads it; whoever
/// talks to the server reports the outcome to breaker().
class Backend : public QObject
{
    Q_OBJECT

public:
    /// Unknown: not probed yet, and worth a try. Misconfigured: it works, but is no replica of the others.
    enum class State { Unknown, Up, Down, Misconfigured };
    Q_ENUM(State)

    /// What the Monitor found out. Times in milliseconds.
    struct Health
    {
        State state = State::Unknown;
        QString reason;  ///< In plain words, empty while Up or Unknown.
        QString warning; ///< Works, but somebody should look: a clock that is off.
        std::optional<std::chrono::milliseconds> latency;   ///< Of a probe, smoothed.
        std::optional<std::chrono::milliseconds> clockSkew; ///< > 0: the server's clock is ahead of ours.
        std::optional<TrustedKey> key; ///< As last seen (or cached on disk), trusted or not.

        bool operator==(const Health &) const = default;
    };

    Backend(config::Server server, std::unique_ptr<http::Pool> pool, const IClock &clock, IRandom &random,
            QObject *parent = nullptr);
    ~Backend() override;

    const config::Server &server() const { return m_server; }

    const QString &id() const { return m_server.id; }

    const QString &name() const { return m_server.name; }

    QString host() const { return m_server.url.host(); }

    /// How messages call it: its name.
    const QString &label() const { return m_server.name; }

    /// Keep-alive connections to its HTTP port.
    http::Pool &pool() { return *m_pool; }

    const http::Pool &pool() const { return *m_pool; }

    State state() const { return m_health.state; }

    const QString &reason() const { return m_health.reason; }

    const Health &health() const { return m_health; }

    /// Wall clock, since 1970: when state() became what it is.
    std::chrono::milliseconds since() const { return m_since; }

    CircuitBreaker &breaker() { return m_breaker; }

    const CircuitBreaker &breaker() const { return m_breaker; }

    /// The SSH port has one of its own: every command of a Charm client logs in by SSH first, and would close
    /// the breaker of a server whose uploads hang. Not part of usable().
    CircuitBreaker &sshBreaker() { return m_sshBreaker; }

    /// Worth sending a request to: neither Down nor Misconfigured, and the breaker would let it through.
    /// Takes no trial: call breaker().allows() when the request really goes out.
    bool usable() const;
    /// Why it is not usable(), to follow the name in a message: "is down: refused the connection". Empty if
    /// it is.
    QString unusableReason() const;

    /// Requests under way, as counted by Load.
    int outstanding() const { return m_outstanding; }

    /// For the Monitor alone.
    void setHealth(const Health &health);
    /// Goes on counting where the one of the configuration before is, if both reach the same server at the
    /// same ports; after Monitor::inherit(). What that one still has under way is not counted here.
    void inherit(const Backend &before);

Q_SIGNALS:
    /// state() or reason() is another.
    void stateChanged();

private:
    friend class Load;

    config::Server m_server;
    const IClock &m_clock;
    CircuitBreaker m_breaker;
    CircuitBreaker m_sshBreaker;
    std::unique_ptr<http::Pool> m_pool; ///< After the breaker, which hears of what is called off with it.
    Health m_health;
    std::chrono::milliseconds m_since;
    int m_outstanding = 0;
};

/// "unknown", "up", "down", "misconfigured": as the command line and the control API write it.
QString stateName(Backend::State state);

} // namespace cring::health
