// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/answers.h"
#include "core/replica/rollback.h"

#include <optional>

namespace cring::replica {

/// The servers that take part in one upload, and the owners that should and cannot. One thread.
class OwnerSet final
{
public:
    using Streams = std::vector<std::unique_ptr<OwnerStream>>;

    OwnerSet(Environment &environment, ObjectKey key);

    /// The R best servers; one that cannot be used is replaced by the next that can (a handoff), where there
    /// are more than R.
    void choose();

    const Streams &streams() const { return m_streams; }
    int size() const { return static_cast<int>(m_streams.size()); }
    int count(bool (*is)(const OwnerStream &)) const;
    int in(OwnerStream::State state) const;
    /// Can still be waited for: they have no tail.
    int beforeTail() const { return count(&isBeforeTail); }
    int ready() const { return count(&isReady); }
    bool settled() const { return count(&isSettled) == size(); }
    /// Those that can be reached, as far as is known: that are still waited for, have stored it, or said no.
    int reached() const { return count(&isReached); }
    /// Ids of owners that were not even tried.
    const QList<QString> &absent() const { return m_absentIds; }

    /// Lets go of all that have no tail yet; nothing is held against them.
    void drop();
    /// What a quorum of the servers says of the request itself before any of them has stored it, as they gave
    /// it.
    std::optional<Outcome> commonRefusal() const;
    /// The same refusal from all of them, after the body (a quota).
    std::optional<Outcome> refusalByAll() const;
    /// What each has, those that were away among them, for a roll-back.
    QList<Rollback::Copy> copies() const;
    /// How it stands with each, those that were not tried among them.
    QList<Transfer::Copy> parts() const;
    /// How many have stored it, of how many, and why not the others; for people.
    QString tally() const;

private:
    static bool isBeforeTail(const OwnerStream &stream) { return stream.beforeTail(); }
    static bool isReady(const OwnerStream &stream) { return stream.ready(); }
    static bool isSettled(const OwnerStream &stream) { return stream.settled(); }
    static bool isReached(const OwnerStream &stream);

    Environment &m_environment;
    ObjectKey m_key;
    Streams m_streams;
    QStringList m_absent; ///< With the reason.
    QList<QString> m_absentIds;
};

} // namespace cring::replica
