// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/authenticator.h"

namespace cring::gateway {

Authenticator::Authenticator(health::Monitor &monitor, const IClock &clock, Disabled isDisabled,
                             OwnKey ownKey, QObject *parent)
    : QObject(parent)
    , m_monitor(monitor)
    , m_clock(clock)
    , m_isDisabled(std::move(isDisabled))
    , m_ownKey(std::move(ownKey))
    , m_cache(clock)
{
    // What an old key has signed is to be verified again.
    connect(&monitor, &health::Monitor::keysChanged, this, [this] { m_cache.clear(); });
}

Result<replica::Credentials> Authenticator::judge(const QByteArray &authorization)
{
    Result<replica::Credentials> verdict = verify(authorization);
    if (verdict && m_isDisabled && m_isDisabled(verdict->account))
        return Error{Code::AccountDisabled, QStringLiteral("This account has been disabled.")};
    return verdict;
}

Result<replica::Credentials> Authenticator::verify(const QByteArray &authorization)
{
    const Result<QByteArray> token = charm::bearerToken(authorization);
    if (!token)
        return token.error();
    if (const auto known = m_cache.find(*token))
        return replica::Credentials{known->subject, authorization, known->expires};
    health::KeySet keys = m_monitor.keys();
    // No server has been heard since the state was lost.
    if (const auto own = keys.isEmpty() && m_ownKey ? m_ownKey() : std::nullopt)
        keys.append(*own);
    const Result<charm::Claims> claims = charm::verifyToken(*token, keys, m_clock.wall().count() / 1000);
    if (!claims)
        return claims.error();
    m_cache.insert(*token, *claims);
    return replica::Credentials{claims->subject, authorization, claims->expires};
}

void Authenticator::authenticate(const QByteArray &authorization, QObject *context,
                                 std::function<void(Result<replica::Credentials>)> done)
{
    Result<replica::Credentials> verdict = judge(authorization);
    if (verdict || verdict.error().code != Code::TokenUnknownKey || !m_monitor.refreshNow()) {
        done(std::move(verdict));
        return;
    }
    // Fresh keys may know it: a server may have been given a new one, or none has answered since the start.
    connect(
        &m_monitor, &health::Monitor::refreshed, context,
        [this, authorization, done = std::move(done)] { done(judge(authorization)); },
        Qt::SingleShotConnection);
}

} // namespace cring::gateway
