// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/backend.h"

#include "core/http/pool.h"

#include <utility>

namespace cring::health {

Load::Load(Backend &backend)
    : m_backend(&backend)
{
    ++backend.m_outstanding;
}

Load &Load::operator=(Load &&other) noexcept
{
    if (this != &other) {
        release();
        m_backend = std::move(other.m_backend);
        other.m_backend.clear();
    }
    return *this;
}

void Load::release()
{
    if (m_backend)
        --m_backend->m_outstanding;
    m_backend.clear();
}

Backend::Backend(config::Server server, std::unique_ptr<http::Pool> pool, const IClock &clock,
                 IRandom &random, QObject *parent)
    : QObject(parent)
    , m_server(std::move(server))
    , m_clock(clock)
    , m_breaker(clock, random)
    , m_sshBreaker(clock, random)
    , m_pool(std::move(pool))
    , m_since(clock.wall())
{
}

Backend::~Backend() = default;

bool Backend::usable() const
{
    return m_health.state != State::Down && m_health.state != State::Misconfigured && m_breaker.wouldAllow();
}

QString Backend::unusableReason() const
{
    if (m_health.state == State::Misconfigured)
        return QStringLiteral("gets no traffic: %1").arg(m_health.reason);
    if (m_health.state == State::Down)
        return QStringLiteral("is down: %1").arg(m_health.reason);
    if (!m_breaker.wouldAllow())
        return QStringLiteral("is being left alone for a moment: it %1").arg(m_breaker.lastReason());
    return {};
}

void Backend::setHealth(const Health &health)
{
    const bool stateDiffers = health.state != m_health.state;
    const bool reasonDiffers = health.reason != m_health.reason;
    m_health = health;
    if (stateDiffers)
        m_since = m_clock.wall();
    if (stateDiffers || reasonDiffers)
        Q_EMIT stateChanged();
}

void Backend::inherit(const Backend &before)
{
    if (before.m_server.url != m_server.url || before.m_server.sshPort != m_server.sshPort)
        return;
    if (before.m_health.state == m_health.state)
        m_since = before.m_since;
    m_breaker.inherit(before.m_breaker);
    m_sshBreaker.inherit(before.m_sshBreaker);
    m_pool->countOn(before.m_pool->traffic());
}

QString stateName(Backend::State state)
{
    switch (state) {
    case Backend::State::Unknown:
        return QStringLiteral("unknown");
    case Backend::State::Up:
        return QStringLiteral("up");
    case Backend::State::Down:
        return QStringLiteral("down");
    case Backend::State::Misconfigured:
        return QStringLiteral("misconfigured");
    }
    Q_UNREACHABLE();
}

} // namespace cring::health
