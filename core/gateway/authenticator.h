// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/token.h"
#include "core/health/monitor.h"
#include "core/replica/environment.h"

#include <functional>

namespace cring::gateway {

/// Says whose request it is, from its token and the key sets of the configured servers alone (the operator's
/// server key while none of these is known): nothing that a token names is ever connected to. A verified
/// token is remembered until it expires or the keys change.
class Authenticator final : public QObject
{
    Q_OBJECT

public:
    /// Of accounts that were disabled no token counts, though it has not expired.
    using Disabled = std::function<bool(const QByteArray &charmId)>;

    /// The operator's server key, if there is one.
    using OwnKey = std::function<std::optional<charm::VerificationKey>()>;

    Authenticator(health::Monitor &monitor, const IClock &clock, Disabled isDisabled = {}, OwnKey ownKey = {},
                  QObject *parent = nullptr);

    /// `done` is called once: at once when the token can be judged, else when the servers' keys have been
    /// read anew (bounded by the probe's time-out); never when `context` dies first.
    void authenticate(const QByteArray &authorization, QObject *context,
                      std::function<void(Result<replica::Credentials>)> done);

private:
    Result<replica::Credentials> judge(const QByteArray &authorization);
    Result<replica::Credentials> verify(const QByteArray &authorization);

    health::Monitor &m_monitor;
    const IClock &m_clock;
    const Disabled m_isDisabled;
    const OwnKey m_ownKey;
    charm::TokenCache m_cache;
};

} // namespace cring::gateway
