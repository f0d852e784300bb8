// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/state/database.h"

#include <QHash>
#include <QString>

#include <limits>
#include <map>
#include <optional>

namespace cring::state {

/// Every server that was ever in the ring. One that a configuration leaves out is not forgotten: when it
/// comes back, it has missed what was done without it, and what it says counts for nothing until its files
/// have been gone through (P3).
///
/// The database names members by a small number that is never used again. One thread.
class Members final
{
public:
    using Number = quint16;

    enum class State {
        Trusted = 0,  ///< In the ring; its copies are what the catalogue says.
        Left = 1,     ///< Not in the configuration.
        Returned = 2, ///< In the ring again; nothing it says is evidence yet.
        Draining = 3, ///< In the ring to give away what it holds: owns nothing new.
        Joined = 4,   ///< In the ring for the first time: what it held before has not been gone through.
    };

    struct Member
    {
        QString id;
        QString name; ///< The last one, for people.
        State state = State::Trusted;
        qint64 since = 0;   ///< Of the state; of one that Returned, when it left: ms since 1970, UTC.
        quint64 leftAt = 0; ///< The ring's version when it left.
        /// The ring's version when it returned, in this run: what it was given after that it has. By default
        /// nothing was.
        quint64 returnedAt = std::numeric_limits<quint64>::max();
    };

    struct Configured
    {
        QString id;
        QString name;
    };

    Members(Database &database, const IClock &clock)
        : m_database(database)
        , m_clock(clock)
    {
    }

    /// Before the event loop runs.
    Status load();
    /// These are in the ring from now on; those that were never seen have Joined, unless nothing was recorded
    /// yet (`version` 0). The numbers of those that are back: they have missed what was
    /// acknowledged after their leftAt.
    QList<Number> configure(const QList<Configured> &servers, quint64 version);

    /// Makes the server known when it is not.
    Number number(const QString &id);
    std::optional<Number> find(const QString &id) const;
    const Member &at(Number number) const { return m_members.at(number); }
    const QString &id(Number number) const { return m_members.at(number).id; }
    const std::map<Number, Member> &all() const { return m_members; }

    bool trusts(const QString &id) const;
    /// It is in the ring, and what it holds has not been gone through since it came: only what it holds from
    /// before that time is known (ms since 1970, UTC; 0: nothing is). None for a server that is known well.
    std::optional<qint64> unseenSince(const QString &id) const;
    void setState(Number number, State state);

private:
    void save(Number number);

    Database &m_database;
    const IClock &m_clock;
    std::map<Number, Member> m_members;
    QHash<QString, Number> m_numbers;
};

} // namespace cring::state
