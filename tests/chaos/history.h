// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/chaos/journal.h"

#include <map>

namespace cring::chaos {

/// A change that an operation made, or may have made, to a path: to its own, to the folders above it, or to
/// what lay below it.
struct Change
{
    Value to;
    const Entry *entry; ///< Not null.
};

/// All that clients have asked for a path, in the order in which it was asked. A path is changed by one
/// client at a time, so that the order is known; only folders, which are made on the way to a file, may be
/// made by several at once.
class PathHistory
{
public:
    void add(const Change &change) { m_changes.push_back(change); }

    const std::vector<Change> &changes() const { return m_changes; }

    /// What somebody who looks between the two moments may find: what was acknowledged last, and everything
    /// that was asked for later and may have happened.
    std::vector<Value> allowed(Moment from, Moment to) const;

    /// The last change to these bytes; null when there was none.
    const Change *find(const Value &value) const;
    /// Nothing but a folder can be there: another change to one says nothing new.
    bool isCertainlyFolder(Moment at) const;

private:
    std::vector<Change> m_changes;
};

struct PathKey
{
    int account = 0;
    QByteArray path; ///< "" is the account's own folder.

    bool operator==(const PathKey &) const = default;
    bool operator<(const PathKey &other) const
    {
        return account != other.account ? account < other.account : path < other.path;
    }
};

/// The histories of all paths that occur in a journal, and of the folders above them.
class Histories
{
public:
    /// The journal has to live as long.
    explicit Histories(const Journal &journal);

    const std::map<PathKey, PathHistory> &all() const { return m_paths; }

    /// Null when nobody has ever asked for a change there.
    const PathHistory *find(const PathKey &key) const;
    /// The paths directly in a folder.
    std::vector<PathKey> in(const PathKey &folder) const;
    /// At and below a path.
    std::vector<PathKey> below(const PathKey &key) const;

private:
    void collect(const Entry &entry);
    void apply(const Entry &entry);

    std::map<PathKey, PathHistory> m_paths;
};

} // namespace cring::chaos
