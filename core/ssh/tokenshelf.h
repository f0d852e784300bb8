// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/tokensource.h"

#include <QHash>

#include <chrono>

namespace cring::ssh {

/// A token that is over sooner is no help: what it is wanted for may take a while.
inline constexpr std::chrono::seconds kGoodFor{60};

/// Tokens by account, in memory alone: the one that lives longest for each. Bounded: the one that is over
/// first makes room.
class TokenShelf
{
public:
    explicit TokenShelf(qsizetype capacity = 1000)
        : m_capacity(capacity)
    {
    }

    void put(const replica::Credentials &credentials);
    /// Null when there is none that lives on after `until` (Unix time, s).
    const replica::Credentials *find(const QByteArray &account, qint64 until) const;
    void clear() { m_byAccount.clear(); }
    qsizetype size() const { return m_byAccount.size(); }

private:
    qsizetype m_capacity;
    QHash<QByteArray, replica::Credentials> m_byAccount;
};

} // namespace cring::ssh
