// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/chaos/history.h"

#include <set>

namespace cring::chaos {

/// A promise that was not kept.
struct Breach
{
    enum class Kind {
        Lost,          ///< What was acknowledged is not there.
        OldVersion,    ///< An earlier version than the acknowledged one.
        CameBack,      ///< What was deleted is there.
        WrongBytes,    ///< Bytes, or a kind of thing, that nobody stored there.
        WrongMode,     ///< The right bytes with the mode of another version.
        Stray,         ///< A path that nobody ever asked for.
        Unequal,       ///< The servers do not hold the same.
        ListingMisses, ///< A listing that ended whole lacks what must be there.
        ListingShows,  ///< It shows what cannot be there.
        NumberTwice,   ///< A sequence number was handed out twice.
        NoAnswer,      ///< A client waited for too long.
        Unreadable,    ///< Everything is up, and still it cannot be read.
        Ended,         ///< The ring, or what tests it, has ended by itself.
    };

    Kind kind;
    QByteArray words;
    std::optional<PathKey> path = {}; ///< Whose history explains it.
};

inline constexpr Breach::Kind AllBreaches[] = {
    Breach::Kind::Lost,        Breach::Kind::OldVersion,    Breach::Kind::CameBack,
    Breach::Kind::WrongBytes,  Breach::Kind::WrongMode,     Breach::Kind::Stray,
    Breach::Kind::Unequal,     Breach::Kind::ListingMisses, Breach::Kind::ListingShows,
    Breach::Kind::NumberTwice, Breach::Kind::NoAnswer,      Breach::Kind::Unreadable,
    Breach::Kind::Ended};

const char *nameOf(Breach::Kind kind);

/// What lies on a server's disk.
struct Disk
{
    QByteArray server; ///< Its name.
    std::map<PathKey, Value> values;
};

/// What is found when everything is up again and has been mended.
struct Aftermath
{
    std::vector<Disk> disks;
    Journal readings; ///< Of every path, through the ring, at EndOfTime.
    /// What the ring leaves to a person: there the servers may differ, in what may have happened.
    std::set<PathKey> told = {};
};

/// Judges what clients saw by what was acknowledged to them. Knows nothing of the ring.
class Oracle
{
public:
    /// The journal has to live as long.
    explicit Oracle(const Journal &journal);

    const Histories &histories() const { return m_histories; }

    /// What was seen while the load ran. powerCuts: until the ring has gone through its servers after one, it
    /// may not know of what was stored just before.
    std::vector<Breach> judgeLoad(bool powerCuts = false) const;
    std::vector<Breach> judgeAftermath(const Aftermath &aftermath) const;

private:
    void judgeRead(const Entry &read, std::vector<Breach> &breaches) const;
    void judgeListing(const Entry &listing, std::vector<Breach> &breaches) const;
    void judgeNumbers(std::vector<Breach> &breaches) const;
    void judgePath(const PathKey &key, const Aftermath &aftermath, std::vector<Breach> &breaches) const;
    void judgeReading(const Entry &reading, const Aftermath &aftermath, const std::vector<Breach> &onDisks,
                      std::vector<Breach> &breaches) const;
    bool mayBeToldAsGone(const PathKey &key, const Aftermath &aftermath) const;
    bool mayDiffer(const PathKey &key, const std::vector<Value> &values, const Aftermath &aftermath) const;
    bool mayBeBelowAFile(const PathKey &key) const;
    std::optional<Breach> judge(const PathKey &key, const Value &value, Moment from, Moment to) const;

    const Journal &m_journal;
    Histories m_histories;
};

} // namespace cring::chaos
