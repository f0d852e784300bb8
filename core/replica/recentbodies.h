// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/objectkey.h"

#include <QByteArray>

#include <deque>
#include <optional>

namespace cring::replica {

/// Small bodies that were read for one purpose, and will be wanted for another within moments: what the
/// import has read to know its digest, the backup stores. The oldest go when it is too much. One thread.
class RecentBodies final
{
public:
    /// Bytes of one body.
    static constexpr qint64 kLargest = 128 * 1024;
    /// Bytes of all of them.
    static constexpr qint64 kBudget = 4LL * 1024 * 1024;

    /// `digest` as in the file's record.
    void add(const state::ObjectKey &key, const QByteArray &digest, const QByteArray &body);
    /// It is not kept any longer. Nothing: it is not here, or is another version.
    std::optional<QByteArray> take(const state::ObjectKey &key, const QByteArray &digest);

private:
    struct Body
    {
        state::ObjectKey key;
        QByteArray digest;
        QByteArray bytes;
    };

    std::deque<Body> m_bodies; ///< The oldest first; a few hundred at most are looked through.
    qint64 m_bytes = 0;
};

} // namespace cring::replica
