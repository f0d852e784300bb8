// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/replica/tokensource.h"

#include <QHash>

namespace cring::service {

/// Clients' tokens seen in passing.
class PassingTokens final : public replica::ITokenSource
{
    Q_OBJECT

public:
    explicit PassingTokens(const IClock &clock)
        : m_clock(clock)
    {
    }

    void obtain(const QByteArray &account, QObject *context, Done done) override;
    void offer(const replica::Credentials &credentials) override;

private:
    const IClock &m_clock;
    QHash<QByteArray, replica::Credentials> m_known;
};

} // namespace cring::service
