// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/passingtokens.h"

namespace cring::service {

void PassingTokens::obtain(const QByteArray &account, QObject *, Done done)
{
    const auto known = m_known.constFind(account);
    if (known != m_known.constEnd() && known->expires * 1000 > m_clock.wall().count())
        done(*known);
    else
        done(Error{Code::TokenMissing, QStringLiteral("waits for a request of the account: the ring has no "
                                                      "token of its own")});
}

void PassingTokens::offer(const replica::Credentials &credentials)
{
    const auto known = m_known.constFind(credentials.account);
    const bool isNew = known == m_known.constEnd() || known->expires * 1000 <= m_clock.wall().count();
    if (isNew || known->expires < credentials.expires)
        m_known.insert(credentials.account, credentials);
    if (isNew)
        Q_EMIT available(credentials.account);
}

} // namespace cring::service
