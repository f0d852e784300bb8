// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/tokenshelf.h"

#include <algorithm>

namespace cring::ssh {

void TokenShelf::put(const replica::Credentials &credentials)
{
    const auto known = m_byAccount.find(credentials.account);
    if (known != m_byAccount.end()) {
        if (known->expires < credentials.expires)
            *known = credentials;
        return;
    }
    if (m_byAccount.size() >= m_capacity) {
        const auto first = std::min_element(m_byAccount.begin(), m_byAccount.end(),
                                            [](const replica::Credentials &a, const replica::Credentials &b) {
                                                return a.expires < b.expires;
                                            });
        m_byAccount.erase(first);
    }
    m_byAccount.insert(credentials.account, credentials);
}

const replica::Credentials *TokenShelf::find(const QByteArray &account, qint64 until) const
{
    const auto known = m_byAccount.constFind(account);
    return known != m_byAccount.constEnd() && known->expires > until ? &*known : nullptr;
}

} // namespace cring::ssh
